import type { CallService } from '../../demo/callService.js';
import { repeatUntil } from './repeatUntil.js';

/** Deletes a room until somebody in it has seen its end: see `repeatUntil`. */
export function deleteRoomUntil(
  seen: Promise<unknown>,
  { rooms, room }: Pick<CallService, 'rooms' | 'room'>,
): Promise<void> {
  return repeatUntil(seen, () => rooms.deleteRoom(room));
}
