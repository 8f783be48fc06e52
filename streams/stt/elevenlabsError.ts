import { SttError, type SttErrorKind } from '../../operators/sttError.js';

/** ElevenLabs' documentation, "Realtime speech to text: error types"; those left out may pass. */
const KIND_OF: ReadonlyMap<string, SttErrorKind> = new Map([
  ['auth_error', 'fatal'],
  ['quota_exceeded', 'fatal'],
  ['unaccepted_terms', 'fatal'],
  ['invalid_request', 'fatal'],
  ['input_error', 'fatal'],
  ['chunk_size_exceeded', 'fatal'],
  ['rate_limited', 'throttle'],
  ['queue_overflow', 'throttle'],
  ['resource_exhausted', 'throttle'],
]);

/**
 * The failure that a message of a session tells of: `fatal` where it names a wrong request,
 * `throttle` where it names too many of them, `retry` for all else.
 *
 * @returns `undefined` where it tells of none.
 */
export function readElevenLabsError(message: unknown): SttError | undefined {
  const { message_type, error } = Object(message) as Readonly<Record<string, unknown>>;
  if (typeof message_type !== 'string' || error === undefined) return undefined;
  return new SttError(KIND_OF.get(message_type) ?? 'retry', `ElevenLabs: ${message_type}`);
}
