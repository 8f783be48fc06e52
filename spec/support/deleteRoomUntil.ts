import type { CallService } from '../../demo/callService.js';
import { endUntil } from './endUntil.js';

/** Deletes a room until somebody in it has seen its end: see `endUntil`. */
export function deleteRoomUntil(
  seen: Promise<unknown>,
  { rooms, room }: Pick<CallService, 'rooms' | 'room'>,
): Promise<void> {
  return endUntil(seen, () => rooms.deleteRoom(room));
}
