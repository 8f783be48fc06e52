import { type Participant, type Room, RoomEvent } from '@livekit/rtc-node';
import { defer, filter, fromEvent, map, merge, type Observable, startWith } from 'rxjs';
import type { Attributes } from '../operators/types.js';

/**
 * One participant's attribute map: the state at once, the whole map after each change, and the
 * state again after each reconnection of the bot, when changes may have been missed.
 *
 *     room     ----change(k)-----reconnected---
 *     result   M---M'------------M''-----------
 *
 * Keyed by identity: the SDK makes a new participant object when the bot itself reconnects.
 */
export function fromAttributes(room: Room, identity: string): Observable<Attributes> {
  const changed$ = fromEvent(
    room,
    RoomEvent.ParticipantAttributesChanged,
    (_changed: Attributes, participant: Participant) => participant,
  );
  const joined$ = fromEvent(
    room,
    RoomEvent.ParticipantConnected,
    (participant: Participant) => participant,
  );
  const theirs$ = merge(changed$, joined$).pipe(
    filter((participant) => participant.identity === identity),
  );
  return defer(() =>
    merge(theirs$, fromEvent(room, RoomEvent.Reconnected)).pipe(
      startWith(undefined),
      map(() => room.remoteParticipants.get(identity)?.attributes),
      filter((attributes) => attributes !== undefined),
    ),
  );
}
