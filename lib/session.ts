import type { Room } from '@livekit/rtc-node';
import type { RoomServiceClient } from 'livekit-server-sdk';
import {
  catchError,
  concat,
  connect,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  ReplaySubject,
  shareReplay,
  take,
  takeUntil,
  timer,
  withLatestFrom,
} from 'rxjs';
import type { BotStanding } from '../operators/botStanding.js';
import { mergeMapPresent } from '../operators/mergeMapPresent.js';
import { parseCommand } from '../operators/parseCommand.js';
import type { Milliseconds } from '../operators/types.js';
import { fromOwnAttributes } from '../streams/fromOwnAttributes.js';
import { fromParticipants } from '../streams/fromParticipants.js';
import { fromRoomEnd, type RoomEnd } from '../streams/fromRoomEnd.js';
import { privateTracks } from '../streams/privateTracks.js';
import type { CallAssignment, CallContext, CallEvent } from './callTypes.js';
import { isolation } from './pipelines/isolation.js';
import { liveness } from './pipelines/liveness.js';
import { rivalry } from './pipelines/rivalry.js';
import { roomHolds } from './pipelines/roomHolds.js';
import { attributesOf, humans, target, type TargetDeps } from './pipelines/target.js';
import { transcription } from './pipelines/transcription.js';
import { release } from './release.js';

/** The connection is gone for good, but the room may still be there. */
export class RoomLost extends Error {
  override readonly name = 'RoomLost';
}

/** So much later is served who hears nothing anyway, where others have lost their music. */
const IDLE_LATER: Milliseconds = 1_000;

/**
 * Serves everybody in the room for as long as they are there.
 *
 * @param goesOn whether another host has lost the call: a track takes a while to publish, and those
 *   who are to hear something are not to wait for the tracks of the others.
 */
function serveAll(deps: TargetDeps, goesOn: boolean): Observable<never> {
  return defer(() => {
    const idleFrom = Date.now() + (goesOn ? IDLE_LATER : 0);
    const isIdle = (identity: string) => parseCommand(attributesOf(deps, identity)).verb !== 'play';
    return deps.participants$.pipe(
      map((participants) => participants.map(({ identity }) => identity)),
      mergeMapPresent((identity) => {
        const wait = idleFrom - Date.now();
        if (wait <= 0 || !isIdle(identity)) return target(identity, deps);
        return timer(wait).pipe(mergeMap(() => target(identity, deps)));
      }),
    );
  });
}

/**
 * The end of a stay in a room that was closed before the bot came: by joining, it has opened
 * another one of that name, in which nobody is.
 */
function openedByUs(
  { room, participants$ }: TargetDeps,
  { roomSid }: Pick<CallAssignment, 'roomSid'>,
): Observable<RoomEnd> {
  if (!roomSid) return EMPTY;
  return defer(() => room.getSid()).pipe(
    filter((sid) => sid !== '' && sid !== roomSid),
    mergeMap(() => participants$.pipe(take(1))),
    filter((participants) => humans(participants).length === 0),
    map(() => 'over' as const),
    catchError(() => EMPTY),
  );
}

/**
 * Why a stay is over. `outranked`: another bot is there for the room's people, and this one has
 * not acted, or shall no longer.
 */
type StayEnd = RoomEnd | 'shutdown' | 'outranked';

/** A bot that does not act has taken nothing from anybody, so it has nothing to give back. */
const unlessIdle = ([end, standing]: readonly [StayEnd, BotStanding]): StayEnd =>
  standing === 'first' || end === 'lost' || end === 'replaced' ? end : 'outranked';

/** What is to be done when the stay is over, for whatever reason. */
function leave(end: StayEnd, deps: TargetDeps, { endJob }: CallContext): Observable<CallEvent> {
  deps.logger.info('room left', { end });
  if (end === 'lost') throw new RoomLost('the connection to the room is lost');
  return concat(
    // Whoever has replaced this session goes on with its people and its job.
    end === 'replaced'
      ? EMPTY
      : concat(
          end === 'outranked' ? EMPTY : release(deps),
          defer(() => endJob('completed')).pipe(ignoreElements()),
        ),
    defer(() => deps.room.disconnect()).pipe(ignoreElements()),
    of({ type: 'ended', outcome: 'completed' } as const),
  );
}

/**
 * One stay in a room that has been joined.
 *
 *     result   (ja)---a---(e|)     j: joined, a: own attributes, e: ended
 *
 * Ends with the room, by removal from it, or when `shutdown$` emits; then the room's people are
 * told first. Of two bots in one room one ends its stay, before it has done anything.
 *
 * Errors: `RoomLost`, or `PublicationInterrupted`; the room can be joined again after either.
 */
export function session(
  room: Room,
  assignment: Pick<CallAssignment, 'room' | 'roomSid' | 'metadata' | 'attributes'>,
  api: RoomServiceClient,
  context: CallContext,
): Observable<CallEvent> {
  const { settings, clips, transcriber, metrics, shutdown$ } = context;
  const { room: roomName, metadata, attributes } = assignment;
  const participantSid = room.localParticipant?.sid ?? '';
  const deps: TargetDeps = {
    room,
    participants$: fromParticipants(room).pipe(shareReplay({ bufferSize: 1, refCount: true })),
    roomName,
    api,
    settings,
    logger: context.logger.child({ participantSid }),
    metrics,
    clips,
    publishFor: privateTracks(room),
  };
  const holds$ = roomHolds(deps).pipe(shareReplay({ bufferSize: 1, refCount: true }));
  deps.logger.info('room joined');
  const joined: CallEvent = { type: 'joined', participantSid };
  const standing$ = rivalry(deps).pipe(shareReplay({ bufferSize: 1, refCount: true }));
  const end$ = merge(
    fromRoomEnd(room),
    shutdown$.pipe(map(() => 'shutdown' as const)),
    openedByUs(deps, assignment),
    standing$.pipe(filter((standing) => standing === 'outranked')),
  );
  const act$ = defer(() =>
    merge(
      isolation(holds$, deps),
      serveAll(deps, attributes !== undefined),
      transcription(holds$, { ...deps, metadata, transcriber }),
    ),
  );
  return end$.pipe(
    withLatestFrom(standing$),
    take(1),
    map(unlessIdle),
    connect(
      (ended$) =>
        concat(
          merge(
            of(joined),
            fromOwnAttributes(room).pipe(
              map((own) => ({ type: 'attributes', attributes: own }) as const),
            ),
            liveness(deps),
            standing$.pipe(
              filter((standing) => standing === 'first'),
              take(1),
              mergeMap(() => act$),
            ),
          ).pipe(takeUntil(ended$)),
          ended$.pipe(mergeMap((end) => leave(end, deps, context))),
        ),
      // The end is asked for a second time once it has come.
      { connector: () => new ReplaySubject(1) },
    ),
  );
}
