import { randomUUID } from 'node:crypto';
import { DataPacket_Kind, type ParticipantInfo, type RoomServiceClient } from 'livekit-server-sdk';
import {
  catchError,
  concat,
  defer,
  EMPTY,
  exhaustMap,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  take,
  takeUntil,
  timer,
} from 'rxjs';
import { BOT_ATTRIBUTES, PING_TOPIC } from '../operators/botAttributes.js';
import type { Milliseconds } from '../operators/types.js';
import { listBots } from '../streams/roomBots.js';

/** A bot answers within some tens of milliseconds, on a busy machine within hundreds. */
const DEADLINE: Milliseconds = 1_500;
/** One that was just joining its room again did not hear the first time. */
const ASK_AGAIN: Milliseconds = 700;
const LOOK: Milliseconds = 100;

/** What became of the bots that were asked. */
export interface Vitals {
  /** Whether one of them has answered, or another bot has come. */
  readonly alive: boolean;
  /** Those that are still there without an answer, the one that joined last at the end. */
  readonly silent: readonly string[];
}

/** A room, and who in it is a media bot. */
export interface AskedRoom {
  readonly rooms: Pick<RoomServiceClient, 'listParticipants' | 'sendData'>;
  readonly room: string;
  readonly agentName: string;
}

const identities = (bots: readonly ParticipantInfo[]) => bots.map(({ identity }) => identity);

/** A bot that comes, joins again or answers is alive. */
function vitals(before: readonly ParticipantInfo[], now: readonly ParticipantInfo[]): Vitals {
  const isAlive = ({ identity, sid, attributes }: ParticipantInfo) => {
    const known = before.find((bot) => bot.identity === identity);
    const told = known?.attributes[BOT_ATTRIBUTES.alive];
    return known?.sid !== sid || attributes[BOT_ATTRIBUTES.alive] !== told;
  };
  return { alive: now.some(isAlive), silent: identities(now.filter((bot) => !isAlive(bot))) };
}

/**
 * Asks bots of a room whether they are alive, through the server API: one that is repeats the
 * question as its attribute `media-bot.alive`.
 *
 *     ask      p------p-------
 *     look     -l-l-l-l-l-l-l-
 *     result   -----(V|)           as soon as one is alive or none is there, else after 1.5 s
 *
 * @param asked as the server has listed them.
 * @param ignored who does not count, be it there or not.
 * @returns never errors: where the server does not answer, nobody has.
 */
export function pingBots(
  asked: readonly ParticipantInfo[],
  { rooms, room, agentName }: AskedRoom,
  ignored?: string,
): Observable<Vitals> {
  return defer(() => {
    let latest: Vitals = { alive: false, silent: identities(asked) };
    const options = { destinationIdentities: identities(asked), topic: PING_TOPIC };
    const question = () => new TextEncoder().encode(randomUUID());
    const ping = () => rooms.sendData(room, question(), DataPacket_Kind.RELIABLE, options);
    const ask$ = timer(0, ASK_AGAIN).pipe(
      mergeMap(() => defer(ping).pipe(catchError(() => EMPTY))),
      ignoreElements(),
    );
    const look$ = timer(LOOK, LOOK).pipe(
      exhaustMap(() => listBots(rooms, room, agentName).pipe(catchError(() => EMPTY))),
      map((bots) => {
        const others = bots.filter(({ identity }) => identity !== ignored);
        return (latest = vitals(asked, others));
      }),
      filter(({ alive, silent }) => alive || silent.length === 0),
    );
    return concat(
      merge(ask$, look$).pipe(take(1), takeUntil(timer(DEADLINE))),
      defer(() => of(latest)),
    ).pipe(take(1));
  });
}
