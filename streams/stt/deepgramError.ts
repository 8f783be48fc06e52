import { SttError, type SttErrorKind } from '../../operators/sttError.js';
import type { Milliseconds } from '../../operators/types.js';

const TOO_MANY_REQUESTS = 429;
const REQUEST_TIMEOUT = 408;
/**
 * Close codes for what was sent: it will be as wrong the next time. 1008 carries `DATA-0000`, audio
 * in another encoding than was said (developers.deepgram.com, "STT troubleshooting: WebSocket").
 */
const FATAL_CLOSES: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008]);

/** Enough for each of Deepgram's reasons; a proxy may write whole pages. */
const MAX_REASON = 200;

const kindOfStatus = (status: number): SttErrorKind => {
  if (status === TOO_MANY_REQUESTS) return 'throttle';
  return status === REQUEST_TIMEOUT || status >= 500 ? 'retry' : 'fatal';
};

/**
 * Deepgram answered the request for a connection with something else than a connection.
 *
 * @param reason its own word for it, from the header `dg-error`.
 */
export function refusedBy(
  status: number,
  reason: string | undefined,
  retryAfter: Milliseconds | undefined,
): SttError {
  const message = ['Deepgram refused the connection:', status, reason?.slice(0, MAX_REASON)]
    .filter(Boolean)
    .join(' ');
  return new SttError(kindOfStatus(status), message, { retryAfter });
}

/** Deepgram closed the connection before it had given the text. */
export function closedBy(code: number, reason: string): SttError {
  const kind = FATAL_CLOSES.has(code) ? 'fatal' : 'retry';
  return new SttError(kind, `Deepgram closed the connection: ${`${code} ${reason}`.trim()}`);
}

/** Deepgram does not answer any more. */
export function fallenSilent(): SttError {
  return new SttError('retry', 'Deepgram has fallen silent');
}

/** The way to Deepgram failed, or the handshake took too long. */
export function unreachable(cause: Error): SttError {
  return new SttError('retry', `Deepgram cannot be reached: ${describe(cause)}`, { cause });
}

/** A name with several addresses fails with an error that has a code but no message. */
const describe = (error: NodeJS.ErrnoException): string =>
  error.message === '' ? (error.code ?? error.name) : error.message;
