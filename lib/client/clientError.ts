import { ServerError } from 'livekit-server-sdk';
import type { PlaybackAnswer, TranscriptionAnswer } from './answers.js';

/**
 * What a Call Service may have to tell apart.
 *
 * - `ERR_INVALID_ARGUMENT`: nothing was asked, for what was to be asked makes no sense.
 * - `ERR_UNREACHABLE`: no answer from LiveKit. The request may have arrived.
 * - `ERR_UNAUTHORIZED`: LiveKit does not take the key or the secret.
 * - `ERR_NOT_FOUND`: nobody of that identity is in the room, or there is no such room.
 * - `ERR_SERVER`: another answer of LiveKit, in `cause`.
 * - `ERR_NO_BOT`: no bot is in the room, or none came in time.
 * - `ERR_NO_ANSWER`: the bot has not answered in time. It may do so later.
 * - `ERR_SUPERSEDED`: the target has a newer command, which alone counts.
 * - `ERR_COMMAND_FAILED`: the bot has answered that it will not do it; `answer` says why.
 */
export type ClientErrorCode =
  | 'ERR_INVALID_ARGUMENT'
  | 'ERR_UNREACHABLE'
  | 'ERR_UNAUTHORIZED'
  | 'ERR_NOT_FOUND'
  | 'ERR_SERVER'
  | 'ERR_NO_BOT'
  | 'ERR_NO_ANSWER'
  | 'ERR_SUPERSEDED'
  | 'ERR_COMMAND_FAILED';

/** What is known of a failure besides its code. */
export interface ClientErrorDetails {
  readonly cause?: unknown;
  /** The command's id. To repeat the command under it is safe: an id is executed once. */
  readonly id?: string;
  readonly answer?: PlaybackAnswer | TranscriptionAnswer;
}

/** A failure of the client, by its code. Neither message nor cause holds a secret or a token. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly id: string | undefined;
  readonly answer: PlaybackAnswer | TranscriptionAnswer | undefined;

  constructor(
    readonly code: ClientErrorCode,
    message: string,
    { cause, id, answer }: ClientErrorDetails = {},
  ) {
    super(message, { cause });
    this.id = id;
    this.answer = answer;
  }
}

/**
 * A failed request to LiveKit's server API, by its code.
 *
 * @param what was asked for, as the message shall name it.
 */
export function toClientError(error: unknown, what: string, id?: string): ClientError {
  if (error instanceof ClientError) return error;
  const about = id === undefined ? {} : { id };
  if (!(error instanceof ServerError)) {
    const reason = `no answer from LiveKit: ${causeOf(error)}`;
    return new ClientError('ERR_UNREACHABLE', `${what}: ${reason}`, { ...about, cause: error });
  }
  if (error.status === 401 || error.status === 403) {
    // LiveKit repeats a token that it refuses, so its text is no cause to keep.
    const reason = `LiveKit refuses ${refusedPart(error)}`;
    return new ClientError('ERR_UNAUTHORIZED', `${what}: ${reason}`, about);
  }
  const code = error.code === 'not_found' ? 'ERR_NOT_FOUND' : 'ERR_SERVER';
  const reason = error.message.replace(/^twirp error \w+: /, '');
  return new ClientError(code, `${what}: ${reason}`, { ...about, cause: error });
}

/** A room that could not be joined, by its code; rtc-node has words alone. */
export function toJoinError(error: unknown, what: string): ClientError {
  if (error instanceof ClientError) return error;
  // LiveKit repeats a token that it refuses, so its text is no cause to keep.
  if (/\b40[13]\b|invalid token|invalid API key|permission/i.test(String(error))) {
    return new ClientError('ERR_UNAUTHORIZED', `${what}: LiveKit refuses the key or its secret`);
  }
  return new ClientError('ERR_UNREACHABLE', `${what}: the room cannot be joined`, { cause: error });
}

/** LiveKit's own words, as of server 1.9 to 1.13. */
function refusedPart({ message }: ServerError): string {
  if (message.startsWith('invalid API key')) return 'the key: it knows no such key';
  if (message.includes('signature is invalid')) return 'the secret: it is not that of the key';
  if (/not valid yet|expired|nbf|exp\b/.test(message)) {
    return 'the token: the clocks of this machine and of LiveKit differ';
  }
  return 'the key: it may not do this';
}

/** The innermost reason: fetch itself says only that it failed. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { readonly code?: unknown };
  if (error.cause !== undefined) return causeOf(error.cause);
  return typeof code === 'string' ? code : error.message;
}
