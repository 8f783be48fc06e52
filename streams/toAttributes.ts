import { type RoomServiceClient, ServerError } from 'livekit-server-sdk';
import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  ignoreElements,
  type Observable,
  type OperatorFunction,
  retry,
  timer,
} from 'rxjs';
import { fullJitter, type Growth } from '../operators/fullJitter.js';
import type { Attributes } from '../operators/types.js';

/** Whose attributes are written, and through what. */
export interface AttributeTarget {
  readonly api: Pick<RoomServiceClient, 'updateParticipant'>;
  readonly room: string;
  readonly identity: string;
}

const ATTEMPTS = 8;
const DELAYS: Growth = { first: 100, longest: 5_000 };

/** Whoever has left cannot be told; that is no failure. */
const isGone = (error: unknown): error is ServerError =>
  error instanceof ServerError && error.status === 404;

function backoff(error: unknown, attempt: number): Observable<unknown> {
  if (isGone(error)) throw error;
  return timer(fullJitter(attempt, DELAYS));
}

/**
 * Merges each map into a participant's attributes through the server API, one call after the other.
 *
 *     source  -a-b--------|
 *     result  ------------|     nothing; completes when b is written
 *
 * A call that fails is repeated with full-jitter backoff. A participant who has left is passed over.
 *
 * @param onFailed told when a map could not be written at last; the stream goes on with the next.
 */
export function toAttributes(
  { api, room, identity }: AttributeTarget,
  onFailed: (error: unknown) => void,
): OperatorFunction<Attributes, never> {
  return concatMap((attributes) =>
    defer(() => api.updateParticipant(room, identity, { attributes: { ...attributes } })).pipe(
      retry({ count: ATTEMPTS, delay: backoff }),
      ignoreElements(),
      catchError((error: unknown) => {
        if (!isGone(error)) onFailed(error);
        return EMPTY;
      }),
    ),
  );
}
