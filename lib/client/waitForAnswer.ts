import type { Milliseconds } from '../../operators/types.js';
import { ClientError, toClientError } from './clientError.js';
import type { BotAnswer, ReadAnswer } from './readAnswer.js';
import type { SeenAttributes } from './seenAttributes.js';

/** For so long the server may show a map from before the command was written. */
const STALE: Milliseconds = 1_000;

/** Whose answer is waited for, and to which command. */
export interface AwaitedAnswer<A extends BotAnswer> {
  readonly identity: string;
  /** Of the command. */
  readonly id: string;
  readonly read: ReadAnswer<A>;
  readonly within: Milliseconds;
  readonly seen: SeenAttributes;
}

/**
 * Resolves with the answer to a command once it is judged to be it.
 *
 * @throws ClientError: `ERR_COMMAND_FAILED`, `ERR_SUPERSEDED`, `ERR_NO_ANSWER`, `ERR_NOT_FOUND`, or
 * that of a request which LiveKit refuses.
 */
export async function waitForAnswer<A extends BotAnswer>({
  identity,
  id,
  read: { answerOf, idKey, judge },
  within,
  seen,
}: AwaitedAnswer<A>): Promise<A> {
  const deadline = AbortSignal.timeout(within);
  const isOld = AbortSignal.timeout(STALE);
  let newest: string | undefined;
  let answer: A | undefined;
  try {
    for await (const attributes of seen(identity, deadline)) {
      newest = attributes[idKey];
      const found = answerOf(attributes);
      answer = found?.id === id ? found : undefined;
      const verdict = answer === undefined ? 'wait' : judge(answer);
      if (answer !== undefined && verdict === 'done') return answer;
      if (answer !== undefined && verdict === 'failed') throw failed(identity, answer);
      if (isOld.aborted && newest !== id) throw superseded(identity, id);
    }
  } catch (error) {
    if (!deadline.aborted || error instanceof ClientError)
      throw toClientError(error, `answer of ${identity}`, id);
  }
  if (newest !== undefined && newest !== id) throw superseded(identity, id);
  const message = `the bot has not answered ${identity} within ${within} ms: is one in the room?`;
  throw new ClientError('ERR_NO_ANSWER', message, { id, ...(answer && { answer }) });
}

function failed(identity: string, answer: BotAnswer): ClientError {
  const { code, text } = answer.error ?? { code: answer.status, text: 'no reason given' };
  const message = `the bot answers ${identity}: ${code}: ${text}`;
  return new ClientError('ERR_COMMAND_FAILED', message, { id: answer.id, answer });
}

function superseded(identity: string, id: string): ClientError {
  return new ClientError('ERR_SUPERSEDED', `${identity} has a newer command`, { id });
}
