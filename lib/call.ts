import {
  catchError,
  concat,
  defer,
  finalize,
  ignoreElements,
  mergeMap,
  type Observable,
  of,
  race,
  retry,
  timer,
} from 'rxjs';
import { fullJitter } from '../operators/fullJitter.js';
import type { Attributes, Milliseconds } from '../operators/types.js';
import { withRoom } from '../streams/withRoom.js';
import type { CallAssignment, CallContext, CallEvent, CallOutcome } from './callTypes.js';
import { release } from './release.js';
import { createRoomService } from './roomService.js';
import { mintRoomToken } from './roomToken.js';
import { rtcConfiguration } from './rtcConfiguration.js';
import { session } from './session.js';

const API_TIMEOUT_SECONDS = 10;
const FIRST_DELAY: Milliseconds = 250;
const LONGEST_DELAY: Milliseconds = 10_000;
/** Ends the job of a call that is no longer in its room. */
function ended(outcome: CallOutcome, { endJob }: CallContext): Observable<CallEvent> {
  return concat(
    defer(() => endJob(outcome)).pipe(ignoreElements()),
    of({ type: 'ended', outcome } as const),
  );
}

/** Full-jitter backoff; shutting down does not wait for it. */
function backoff(
  { logger, shutdown$ }: CallContext,
  error: unknown,
  attempt: number,
): Observable<unknown> {
  logger.warn('room to be joined again', { error, attempt });
  const delay = fullJitter(attempt, { first: FIRST_DELAY, longest: LONGEST_DELAY });
  return race(timer(delay), shutdown$);
}

/**
 * Serves one room: joins it, plays to its people what their attributes ask for, and stays until
 * the room closes, the bot is removed from it, or `shutdown$` emits.
 *
 *     result   --ja--a--a--ja----(e|)     j: joined (again after a loss), a: own attributes, e: ended
 *
 * A lost room is joined again under the same identity with a token minted here, and so is one that
 * another host has lost; everything is then rebuilt from the attributes. LiveKit ends the job of a
 * session that is replaced in this way; that is no reason to leave, and so job terminations do not
 * reach a call at all: a dispatch that is really deleted removes the participant itself.
 *
 * Never errors: a room that cannot be had is an `ended` with outcome `failed`.
 */
export function runCall(assignment: CallAssignment, context: CallContext): Observable<CallEvent> {
  const { settings, logger } = context;
  const { url, room: roomName } = assignment;
  const api = createRoomService(settings.livekit, API_TIMEOUT_SECONDS);

  async function isClosed(): Promise<boolean> {
    const rooms = await api.listRooms([roomName]).catch(() => undefined);
    return rooms?.length === 0;
  }
  return defer(() => {
    let joins = 0;
    let attributes: Attributes = assignment.attributes ?? {};
    function join(token: string): Observable<CallEvent> {
      return withRoom({ url, token, rtcConfig: rtcConfiguration(settings) }, (room) =>
        session(room, assignment, api, context).pipe(
          finalize(() => (attributes = room.localParticipant?.attributes ?? attributes)),
        ),
      );
    }
    // A closed room must not be joined again: that would open it anew.
    const rejoin$ = defer(isClosed).pipe(
      mergeMap((closed) =>
        closed
          ? ended('completed', context)
          : defer(() => mintRoomToken(assignment, settings, attributes)).pipe(mergeMap(join)),
      ),
    );
    const isFirst = () => joins++ === 0 && assignment.attributes === undefined;
    return defer(() => (isFirst() ? join(assignment.token) : rejoin$)).pipe(
      retry({
        count: settings.maxRetry,
        delay: (error: unknown, attempt) => backoff(context, error, attempt),
        resetOnSuccess: true,
      }),
      catchError((error: unknown) => {
        logger.error('room lost for good', { error });
        return concat(
          release({ api, roomName, identity: assignment.identity, settings, logger }),
          ended('failed', context),
        );
      }),
    );
  });
}
