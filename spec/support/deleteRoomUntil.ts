import { setTimeout } from 'node:timers/promises';
import type { CallService } from '../../demo/callService.js';

/** Milliseconds after which an end has been missed. */
const MISSED = 3_000;

/**
 * Deletes a room until somebody in it has seen its end. Of 240 who had just joined, on a busy machine,
 * one lost the connection before the SDK had read why (rtc-node 0.13.35): it connects again then, to a
 * room that it opens anew.
 */
export async function deleteRoomUntil(
  seen: Promise<unknown>,
  { rooms, room }: Pick<CallService, 'rooms' | 'room'>,
): Promise<void> {
  const isSeen = seen.then(() => true);
  do {
    // The end may overtake the answer to the call that brings it about.
    await rooms.deleteRoom(room).catch(() => undefined);
  } while (!(await Promise.race([isSeen, setTimeout(MISSED, false, { ref: false })])));
}
