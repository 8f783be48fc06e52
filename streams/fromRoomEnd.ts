import { DisconnectReason, type Room, RoomEvent } from '@livekit/rtc-node';
import { fromEvent, map, type Observable, take } from 'rxjs';

/**
 * Why the bot is no longer in the room. `over`: the room is closed or the bot was removed from it;
 * `left`: this process has left it; `replaced`: another session joined under the same identity;
 * `lost`: the connection is gone and the SDK has given up on it.
 */
export type RoomEnd = 'over' | 'left' | 'replaced' | 'lost';

const ENDS = new Map<DisconnectReason, RoomEnd>([
  [DisconnectReason.CLIENT_INITIATED, 'left'],
  [DisconnectReason.ROOM_DELETED, 'over'],
  [DisconnectReason.ROOM_CLOSED, 'over'],
  [DisconnectReason.PARTICIPANT_REMOVED, 'over'],
  [DisconnectReason.DUPLICATE_IDENTITY, 'replaced'],
]);

/**
 * Emits once, when the room has ended for the bot, and completes.
 *
 *     room     ----reconnecting--reconnected-----disconnected
 *     result   ----------------------------------(E|)
 */
export function fromRoomEnd(room: Room): Observable<RoomEnd> {
  return fromEvent(room, RoomEvent.Disconnected, (reason: DisconnectReason) => reason).pipe(
    map((reason) => ENDS.get(reason) ?? 'lost'),
    take(1),
  );
}
