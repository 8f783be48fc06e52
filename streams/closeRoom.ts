import { type RoomServiceClient, ServerError } from 'livekit-server-sdk';
import { catchError, defer, EMPTY, ignoreElements, type Observable, retry, timer } from 'rxjs';
import { fullJitter, type Growth } from '../operators/fullJitter.js';

const ATTEMPTS = 6;
const DELAYS: Growth = { first: 250 };

/**
 * Ends a room for everybody in it. A room that is gone already counts as closed.
 *
 *     result   ----|     when the server has closed it
 *
 * Errors: when the server API refuses, or has not answered after several attempts with backoff.
 */
export function closeRoom(
  api: Pick<RoomServiceClient, 'deleteRoom'>,
  room: string,
): Observable<never> {
  return defer(() => api.deleteRoom(room)).pipe(
    retry({
      count: ATTEMPTS,
      delay: (error: unknown, attempt) => {
        if (isGone(error)) throw error;
        return timer(fullJitter(attempt, DELAYS));
      },
    }),
    ignoreElements(),
    catchError((error: unknown) => {
      if (isGone(error)) return EMPTY;
      throw error;
    }),
  );
}

const isGone = (error: unknown): error is ServerError =>
  error instanceof ServerError && error.status === 404;
