import { setTimeout } from 'node:timers/promises';

/**
 * Waits for somebody to leave, for 5 s at most: one whose connection has just been rebuilt may never
 * get out of the room without its end.
 */
export async function withPatience(leaving: Promise<unknown>): Promise<void> {
  await Promise.race([leaving, setTimeout(5_000, undefined, { ref: false })]);
}
