import { type HeaderOf, retryAfter } from './retryAfter.js';
import { SttError, type SttErrorKind } from './sttError.js';

/** What a speech provider answered in place of a text or a WebSocket. */
export interface Refusal {
  readonly status: number;
  /** The provider's own short code for it, such as `invalid_api_key`. */
  readonly code?: string | undefined;
  readonly headerOf?: HeaderOf;
}

/** 429 Too Many Requests, and 498: Groq's own, "Flex Tier Capacity Exceeded". */
const THROTTLED: ReadonlySet<number> = new Set([429, 498]);
/** Request Timeout, Conflict, Too Early: of a moment, although they are called the client's. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 425]);

/**
 * What a refusal calls for. `throttle`: 429, 498, and 5xx from a provider that says when to return.
 * `retry`: the other 5xx, 408, 409, 425. `fatal`: all else.
 *
 * @param provider as the message shall name it.
 */
export function httpSttError(
  provider: string,
  { status, code, headerOf = () => undefined }: Refusal,
): SttError {
  const isServers = status >= 500;
  const isThrottling = THROTTLED.has(status) || (isServers && headerOf('retry-after') != null);
  const passingKind: SttErrorKind = isServers || PASSING.has(status) ? 'retry' : 'fatal';
  const message = [`${provider} answered`, status, code].filter(Boolean).join(' ');
  return isThrottling
    ? new SttError('throttle', message, { retryAfter: retryAfter(headerOf) })
    : new SttError(passingKind, message);
}
