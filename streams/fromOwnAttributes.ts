import { type Participant, type Room, RoomEvent } from '@livekit/rtc-node';
import { defer, filter, fromEvent, map, merge, type Observable, startWith } from 'rxjs';
import type { Attributes } from '../operators/types.js';

/**
 * The bot's own attribute map: the state at once, the whole map after each change, and the state
 * again after each reconnection of the bot.
 *
 *     room     ----change(k)-----reconnected---
 *     result   M---M'------------M''-----------
 */
export function fromOwnAttributes(room: Room): Observable<Attributes> {
  const changed$ = fromEvent(
    room,
    RoomEvent.ParticipantAttributesChanged,
    (_changed: Attributes, { identity }: Participant) => identity,
  ).pipe(filter((identity) => identity === room.localParticipant?.identity));
  return defer(() =>
    merge(changed$, fromEvent(room, RoomEvent.Reconnected)).pipe(
      startWith(undefined),
      map(() => room.localParticipant?.attributes ?? {}),
    ),
  );
}
