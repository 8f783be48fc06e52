import type { Room } from '@livekit/rtc-node';
import type { RoomServiceClient } from 'livekit-server-sdk';
import {
  catchError,
  concat,
  concatMap,
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
  shareReplay,
  take,
  takeWhile,
  timer,
  withLatestFrom,
} from 'rxjs';
import type { BotStanding } from '../operators/botStanding.js';
import { mergeMapPresent } from '../operators/mergeMapPresent.js';
import { parseCommand } from '../operators/parseCommand.js';
import type { Milliseconds } from '../operators/types.js';
import { fromAttributes } from '../streams/fromAttributes.js';
import { fromOwnAttributes } from '../streams/fromOwnAttributes.js';
import { fromParticipants } from '../streams/fromParticipants.js';
import { fromRoomEnd, type RoomEnd } from '../streams/fromRoomEnd.js';
import { privateTracks } from '../streams/privateTracks.js';
import { handoverFrom } from './admission.js';
import type { CallAssignment, CallContext, CallEvent } from './callTypes.js';
import { arrival } from './pipelines/arrival.js';
import { handoverState } from './pipelines/handoverState.js';
import { isolation } from './pipelines/isolation.js';
import { liveness } from './pipelines/liveness.js';
import { rivalry } from './pipelines/rivalry.js';
import { roomHolds } from './pipelines/roomHolds.js';
import type { ServiceEvent } from './pipelines/serviceEvent.js';
import { humans, target, type TargetDeps } from './pipelines/target.js';
import { transcription } from './pipelines/transcription.js';
import { yielding } from './pipelines/yielding.js';
import { release } from './release.js';

/** The connection is gone for good, but the room may still be there. */
export class RoomLost extends Error {
  override readonly name = 'RoomLost';
}

/**
 * So much later a track is published for those who hear nothing anyway, where others have lost their
 * music, or two bots in each room share the processor: for as long as a roll-out takes.
 */
const IDLE_LATER: Milliseconds = 10_000;

/**
 * Serves everybody in the room for as long as they are there.
 *
 * @param goesOn whether another bot or host has served them before: a track takes a while to publish,
 *   and those who are to hear something are not to wait for the tracks of the others.
 */
function serveAll(deps: TargetDeps, goesOn: boolean): Observable<ServiceEvent> {
  return defer(() => {
    const idleFrom = Date.now() + (goesOn ? IDLE_LATER : 0);
    const due$ = (identity: string) => {
      const asked$ = fromAttributes(deps.room, identity).pipe(
        filter((attributes) => parseCommand(attributes).verb === 'play'),
      );
      return merge(timer(new Date(idleFrom)), asked$).pipe(take(1));
    };
    const track$ = (identity: string) =>
      due$(identity).pipe(mergeMap(() => deps.publishFor(identity)));
    return deps.participants$.pipe(
      map((participants) => participants.map(({ identity }) => identity)),
      mergeMapPresent((identity) =>
        target(identity, Date.now() < idleFrom ? { ...deps, publishFor: track$ } : deps),
      ),
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
 * Why a stay is over. `relieved`: another bot does all that this one did. `outranked`: another one
 * is there for the room's people, and this one has not acted, or shall no longer.
 */
type StayEnd = RoomEnd | 'shutdown' | 'relieved' | 'outranked';

/** Ends after which others are there for the room's people. */
const SUCCEEDED: readonly StayEnd[] = ['relieved', 'replaced', 'outranked'];

/** A bot that does not act has taken nothing from anybody, so it has nothing to give back. */
const unlessIdle = ([end, standing]: readonly [StayEnd, BotStanding]): StayEnd =>
  standing === 'first' || end === 'lost' || end === 'replaced' ? end : 'outranked';

/** What is to be done when the stay is over, for whatever reason. */
function leave(end: StayEnd, deps: TargetDeps, { endJob }: CallContext): Observable<CallEvent> {
  deps.logger.info('room left', { end });
  if (end === 'lost') throw new RoomLost('the connection to the room is lost');
  const outcome = end === 'relieved' ? 'handed_over' : 'completed';
  return concat(
    SUCCEEDED.includes(end) ? EMPTY : release(deps),
    // Whoever has replaced this session goes on with its job, too.
    end === 'replaced' ? EMPTY : defer(() => endJob(outcome)).pipe(ignoreElements()),
    defer(() => deps.room.disconnect()).pipe(ignoreElements()),
    of({ type: 'ended', outcome } as const),
  );
}

/** Does all that the bot is there for, and lets others of its kind relieve it, or be relieved. */
function serve(
  deps: TargetDeps,
  { metadata, attributes }: Pick<CallAssignment, 'metadata' | 'attributes'>,
  { transcriber }: CallContext,
): Observable<'relieved'> {
  const holds$ = roomHolds(deps).pipe(shareReplay({ bufferSize: 1, refCount: true }));
  const goesOn = attributes !== undefined || handoverFrom(metadata) !== undefined;
  return merge(
    isolation(holds$, deps),
    serveAll(deps, goesOn),
    transcription(holds$, { ...deps, metadata, transcriber }),
  ).pipe(connect((events$) => merge(arrival(events$, deps), yielding(events$, deps))));
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
  const { settings, clips, metrics, shutdown$ } = context;
  const { room: roomName } = assignment;
  const { sid: participantSid = '', identity = '' } = room.localParticipant ?? {};
  const participants$ = fromParticipants(room).pipe(shareReplay({ bufferSize: 1, refCount: true }));
  const deps: TargetDeps = {
    room,
    participants$,
    roomName,
    identity,
    api,
    settings,
    logger: context.logger.child({ participantSid }),
    metrics,
    clips,
    handover: handoverState(room, participants$, settings.agentName),
    publishFor: privateTracks(room),
  };
  deps.logger.info('room joined');
  const joined: CallEvent = { type: 'joined', participantSid };
  const standing$ = rivalry(deps).pipe(shareReplay({ bufferSize: 1, refCount: true }));
  const served$ = standing$.pipe(
    filter((standing) => standing === 'first'),
    take(1),
    mergeMap(() => serve(deps, assignment, context)),
  );
  const end$ = merge(
    fromRoomEnd(room),
    shutdown$.pipe(map(() => 'shutdown' as const)),
    openedByUs(deps, assignment),
    standing$.pipe(filter((standing) => standing === 'outranked')),
    served$,
  ).pipe(withLatestFrom(standing$), map(unlessIdle));
  return merge(
    of(joined),
    fromOwnAttributes(room).pipe(map((own) => ({ type: 'attributes', attributes: own }) as const)),
    liveness(deps),
    end$.pipe(map((end) => ({ type: 'end', end }) as const)),
  ).pipe(
    takeWhile(({ type }) => type !== 'end', true),
    concatMap((event) => (event.type === 'end' ? leave(event.end, deps, context) : of(event))),
  );
}
