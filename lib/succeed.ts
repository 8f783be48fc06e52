import { ParticipantInfo_Kind } from '@livekit/protocol';
import {
  type AgentDispatch,
  type AgentDispatchClient,
  type RoomServiceClient,
  ServerError,
} from 'livekit-server-sdk';
import {
  catchError,
  defer,
  EMPTY,
  filter,
  first,
  forkJoin,
  map,
  mergeMap,
  type Observable,
  of,
  retry,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import type { Milliseconds } from '../operators/types.js';
import { isBot, roomBots } from '../streams/roomBots.js';
import type { Logger } from './logger.js';
import { dispatchOf, type LostBot } from './lostBot.js';
import { successorMetadata } from './successorMetadata.js';

/** What seeing to a successor needs. */
export interface SucceedDeps {
  readonly agentName: string;
  readonly rooms: Pick<RoomServiceClient, 'listParticipants' | 'listRooms'>;
  readonly dispatches: Pick<
    AgentDispatchClient,
    'createDispatch' | 'deleteDispatch' | 'listDispatch'
  >;
  /** Of this room. */
  readonly logger: Logger;
}

/** How long is tried what. */
export interface Patience {
  /** How long a dispatched bot may take to come; LiveKit has no queue, and does not say so. */
  readonly arrival: Milliseconds;
  readonly lookEvery: Milliseconds;
  readonly attempts: number;
  readonly between: Milliseconds;
}

/**
 * A bot is in the room half a second after its dispatch. A minute altogether: a worker of one core
 * takes 8 calls in 10 s, and one that starts is ready sooner.
 */
const PATIENCE: Patience = { arrival: 5_000, lookEvery: 500, attempts: 10, between: 1_000 };

// The server SDK brings protocol types of its own, whose enum TypeScript takes for another.
const HUMANS: readonly number[] = [
  ParticipantInfo_Kind.STANDARD,
  ParticipantInfo_Kind.SIP,
  ParticipantInfo_Kind.CONNECTOR,
];

/**
 * A room that a bot was lost in: with people whom nobody serves, or with another bot. `over`: it is
 * closed, nobody is left in it, or the bot itself is back.
 */
type Aftermath = 'deserted' | 'served' | 'over';

/** How the room is now. One of the same name is not the same. */
function aftermath(lost: LostBot, { agentName, rooms }: SucceedDeps): Observable<Aftermath> {
  return forkJoin([
    defer(() => rooms.listRooms([lost.room])),
    defer(() => rooms.listParticipants(lost.room)),
  ]).pipe(
    map(([[room], people]) => {
      const hasBot = people.some((person) => isBot(person, agentName));
      const hasHumans = people.some(({ kind }) => HUMANS.includes(kind));
      const isBack = people.some(({ identity }) => identity === lost.identity);
      if (room?.sid !== lost.roomSid || !hasHumans || isBack) return 'over';
      return hasBot ? 'served' : 'deserted';
    }),
  );
}

/**
 * Deletes the lost bot's dispatch. LiveKit lets one alone of those who try succeed, so of all who
 * have been told of the loss, however often, one goes on. Does nothing to a bot that is back.
 */
function claim(
  { id }: AgentDispatch,
  { room }: LostBot,
  { dispatches }: SucceedDeps,
): Observable<void> {
  return defer(() => dispatches.deleteDispatch(id, room)).pipe(
    catchError((error: unknown) => {
      if (error instanceof ServerError && error.code === 'not_found') return EMPTY;
      // It may have been deleted all the same, and a second try would not tell.
      return of(undefined);
    }),
  );
}

/** Emits once a bot is in the room. */
function arrival(
  { room }: LostBot,
  { agentName, rooms }: SucceedDeps,
  patience: Patience,
): Observable<'dispatched'> {
  return timer(patience.lookEvery, patience.lookEvery).pipe(
    mergeMap(() => roomBots(rooms, room, agentName)),
    first((bots) => bots.length > 0),
    map(() => 'dispatched' as const),
    timeout({
      first: patience.arrival,
      with: () => throwError(() => new Error('no worker has taken the dispatch')),
    }),
  );
}

/**
 * Dispatches until a bot is there. Emits then; completes without, where none is needed any more.
 *
 * A dispatch that nobody has taken is left alone: deleted in the moment in which somebody does take
 * it, it would have LiveKit remove that bot.
 */
function replace(
  metadata: string,
  lost: LostBot,
  deps: SucceedDeps,
  patience: Patience,
): Observable<'dispatched'> {
  const { agentName, dispatches, logger } = deps;
  let dispatched = false;
  const attempt$ = aftermath(lost, deps).pipe(
    mergeMap((room) => {
      if (room === 'served' && dispatched) return of('dispatched' as const);
      if (room !== 'deserted') return EMPTY;
      dispatched = true;
      logger.info('successor dispatched');
      return defer(() => dispatches.createDispatch(lost.room, agentName, { metadata })).pipe(
        mergeMap(() => arrival(lost, deps, patience)),
      );
    }),
  );
  return attempt$.pipe(retry({ count: patience.attempts - 1, delay: patience.between }));
}

/**
 * Has a lost bot succeeded by another, on whatever worker LiveKit chooses, if that is needed.
 *
 *     result  ----(d|)   d: dispatched, and in the room
 *             --|        none is needed, or somebody else sees to it
 *
 * Errors: nobody has taken the dispatch for a minute, LiveKit could not be asked ten times, or
 * the call has lost too many bots in a row.
 */
export function succeed(
  lost: LostBot,
  deps: SucceedDeps,
  patience = PATIENCE,
): Observable<'dispatched'> {
  const { agentName, dispatches, logger } = deps;
  const open$ = aftermath(lost, deps).pipe(
    // Where another bot is there, the loss is claimed as well: told again later, it is settled.
    filter((room) => room !== 'over'),
    mergeMap(() => dispatches.listDispatch(lost.room)),
    map((listed) => dispatchOf(lost, listed, agentName)),
    filter((dispatch) => dispatch !== undefined),
    retry({ count: patience.attempts - 1, delay: patience.between }),
  );
  return open$.pipe(
    mergeMap((dispatch) => claim(dispatch, lost, deps).pipe(map(() => dispatch.metadata))),
    mergeMap((metadata) => {
      logger.warn('bot lost', { identity: lost.identity });
      const next = successorMetadata(metadata, lost);
      if (next !== undefined) return replace(next, lost, deps, patience);
      return throwError(() => new Error('the call has lost too many bots in a row'));
    }),
  );
}
