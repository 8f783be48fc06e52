import { ClientError, type ClientErrorCode } from '../client/client.js';

/** What a shell is told by the exit code. */
export const EXIT = {
  done: 0,
  /** The bot or LiveKit has said no, or something is wrong. */
  refused: 1,
  usage: 2,
  /** No answer: whether it was done is not known. */
  unanswered: 3,
} as const;

const EXIT_BY_CODE: Readonly<Partial<Record<ClientErrorCode, number>>> = {
  ERR_INVALID_ARGUMENT: EXIT.usage,
  ERR_UNREACHABLE: EXIT.unanswered,
  ERR_NO_ANSWER: EXIT.unanswered,
};

/** Prints a line: the text for people, the object where JSON was asked for. */
export function print({ json }: { readonly json?: true }, text: string, result: object): void {
  process.stdout.write(`${json ? JSON.stringify(result) : text}\n`);
}

/**
 * Prints a failure and sets the exit code. As text it goes to standard error, as JSON to standard
 * output, in place of the result.
 *
 * @throws what is no ClientError.
 */
export function printFailure(options: { readonly json?: true }, error: unknown): void {
  if (!(error instanceof ClientError)) throw error;
  const { code, message, id, answer } = error;
  process.exitCode = EXIT_BY_CODE[code] ?? EXIT.refused;
  if (options.json) print(options, '', { error: { code, message, id, answer } });
  else process.stderr.write(`${message} (${code})\n`);
}
