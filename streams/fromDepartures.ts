import { DisconnectReason, type RemoteParticipant, type Room, RoomEvent } from '@livekit/rtc-node';
import { filter, fromEvent, map, type Observable } from 'rxjs';

/** Whoever leaves for one of these does not mean to come back; others lost their connection. */
const FOR_GOOD: readonly (DisconnectReason | undefined)[] = [
  DisconnectReason.CLIENT_INITIATED,
  DisconnectReason.PARTICIPANT_REMOVED,
  DisconnectReason.USER_UNAVAILABLE,
  DisconnectReason.USER_REJECTED,
];

/**
 * Identities of those who say good-bye, or are removed from the room. A client that connects anew
 * may say good-bye, too, and be back in a moment.
 *
 *     room     ---left---lost connection---removed---
 *     result   ---a------------------------b---------
 */
export function fromDepartures(room: Room): Observable<string> {
  return fromEvent(
    room,
    RoomEvent.ParticipantDisconnected,
    (person: RemoteParticipant) => person,
  ).pipe(
    filter(({ disconnectReason }) => FOR_GOOD.includes(disconnectReason)),
    map(({ identity }) => identity),
  );
}
