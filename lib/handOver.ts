import type { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import {
  catchError,
  defer,
  EMPTY,
  endWith,
  expand,
  ignoreElements,
  mergeMap,
  type Observable,
  timer,
} from 'rxjs';
import { BOT_ATTRIBUTES } from '../operators/botAttributes.js';
import { readJsonObject } from '../operators/readJsonObject.js';
import type { Milliseconds } from '../operators/types.js';
import type { CallAssignment } from './callTypes.js';
import type { Logger } from './logger.js';

/** What handing a call over needs. */
export interface HandOverDeps {
  readonly dispatches: Pick<AgentDispatchClient, 'createDispatch'>;
  readonly rooms: Pick<RoomServiceClient, 'listParticipants'>;
  readonly agentName: string;
  readonly logger: Logger;
}

/**
 * LiveKit drops a job that no worker takes, and tells nobody: so the room is looked at, and another
 * one asked for. A worker that was slow may take both, and then declines the second.
 */
const FIRST_PATIENCE: Milliseconds = 3_000;
const LONGEST_PATIENCE: Milliseconds = 15_000;

/** The metadata of the bot's own dispatch, and whom its successor relieves. */
function handoverMetadata({ metadata, identity }: CallAssignment): string {
  return JSON.stringify({ ...readJsonObject(metadata), handover_from: identity });
}

/**
 * Asks LiveKit for another worker's bot to relieve the one of this call, again and again until it
 * is unsubscribed from: when that bot does what this one did, the call ends by itself. A call that
 * nobody takes goes on where it is. Emits nothing, never errors.
 *
 *     dispatch  --d----d--------d------       for as long as none is in the room
 *     result    ----------------------
 */
export function handOver(
  assignment: CallAssignment,
  { dispatches, rooms, agentName, logger }: HandOverDeps,
): Observable<never> {
  const { room, identity } = assignment;
  const metadata = handoverMetadata(assignment);
  async function ask(times: number): Promise<void> {
    const people = times === 0 ? [] : await rooms.listParticipants(room);
    if (people.some(({ attributes }) => attributes[BOT_ATTRIBUTES.relieves] === identity)) return;
    if (times > 0) logger.warn('nobody takes the call over, asking again', { times });
    await dispatches.createDispatch(room, agentName, { metadata });
  }
  const asked$ = (times: number): Observable<number> =>
    defer(() => ask(times)).pipe(
      catchError((error: unknown) => {
        logger.warn('call cannot be handed over yet', { error });
        return EMPTY;
      }),
      ignoreElements(),
      endWith(times + 1),
    );
  return asked$(0).pipe(
    expand((times) =>
      timer(Math.min(LONGEST_PATIENCE, FIRST_PATIENCE * times)).pipe(mergeMap(() => asked$(times))),
    ),
    ignoreElements(),
  );
}
