import { repeatUntil } from './repeatUntil.js';

/**
 * Ends somebody's connection until they have seen its end. Of 240 who had just joined, on a busy
 * machine, one lost the connection before the SDK had read why (rtc-node 0.13.35): it connects again
 * then, to a room that it opens anew where that was deleted.
 */
export function endUntil(seen: Promise<unknown>, end: () => Promise<unknown>): Promise<void> {
  // The end may overtake the answer to the call that brings it about.
  return repeatUntil(seen, () => end().catch(() => undefined));
}
