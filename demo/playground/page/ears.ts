import { type RemoteParticipant, type Room, RoomEvent } from 'livekit-client';
import {
  combineLatest,
  distinctUntilChanged,
  filter,
  fromEventPattern,
  ignoreElements,
  map,
  merge,
  type Observable,
  scan,
  startWith,
  switchMap,
  tap,
  timer,
} from 'rxjs';

import { nameOf, people, type Person } from './people.js';

/** Whether one can hear another: `silent` sends nothing. */
export type Hearing = 'yes' | 'no' | 'silent';

/** What one person can hear, by the name of the other. */
export type Ear = Readonly<Record<string, Hearing>>;

/** Who can hear whom, by the names of both. */
export type Ears = Readonly<Record<string, Ear>>;

const TOPIC = 'playground.ear';
const RETELL_MS = 1_000;

type Received = [Uint8Array, RemoteParticipant | undefined, unknown, string | undefined];

/**
 * Who can hear whom. Each page knows what it is sent itself, and tells the others; of somebody
 * who joined without this page nothing is known.
 */
export function ears(room: Room): Observable<Ears> {
  const own = people(room).pipe(map(earOf));
  const mine = own.pipe(map((ear) => ({ [room.localParticipant.identity]: ear })));
  const theirs = toldBy(room).pipe(
    scan<Ears, Ears>((all, one) => ({ ...all, ...one }), {}),
    startWith<Ears>({}),
  );
  const present = people(room).pipe(map((list) => new Set(list.map(nameOf))));
  const known = combineLatest([present, theirs, mine]).pipe(
    map(([present, theirs, mine]) =>
      Object.fromEntries(
        Object.entries({ ...mine, ...theirs }).filter(([name]) => present.has(name)),
      ),
    ),
  );
  return merge(known, tell(room, own).pipe(ignoreElements()));
}

function earOf(list: readonly Person[]): Ear {
  const others = list.slice(1).map((person) => [nameOf(person), hearingOf(person)] as const);
  return Object.fromEntries(others);
}

function hearingOf({ tracks }: Person): Hearing {
  if (tracks.length === 0) return 'silent';
  return tracks.some(({ isReceived }) => isReceived) ? 'yes' : 'no';
}

function toldBy(room: Room): Observable<Ears> {
  return fromEventPattern<Received>(
    (handler) => room.on(RoomEvent.DataReceived, handler),
    (handler) => room.off(RoomEvent.DataReceived, handler),
  ).pipe(
    filter(([, , , topic]) => topic === TOPIC),
    map(([data, from]) => ({
      [from?.identity ?? '']: JSON.parse(new TextDecoder().decode(data)) as Ear,
    })),
  );
}

/** At each change, and again and again: whoever has just come did not hear it before. */
function tell(room: Room, own: Observable<Ear>): Observable<unknown> {
  return own.pipe(
    distinctUntilChanged((a, b) => JSON.stringify(a) === JSON.stringify(b)),
    switchMap((ear) => timer(0, RETELL_MS).pipe(map(() => ear))),
    tap((ear) => {
      const data = new TextEncoder().encode(JSON.stringify(ear));
      const options = { reliable: true, topic: TOPIC };
      // A page that is just leaving the room has nobody to tell.
      room.localParticipant.publishData(data, options).catch(() => undefined);
    }),
  );
}
