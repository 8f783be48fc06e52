import { setTimeout } from 'node:timers/promises';

/** Milliseconds after which an end has been missed. */
const MISSED = 3_000;

/**
 * Ends somebody's connection until they have seen its end. Of 240 who had just joined, on a busy
 * machine, one lost the connection before the SDK had read why (rtc-node 0.13.35): it connects again
 * then, to a room that it opens anew where that was deleted.
 */
export async function repeatUntil(
  seen: Promise<unknown>,
  end: () => Promise<unknown>,
): Promise<void> {
  const isSeen = seen.then(() => true);
  do {
    // The end may overtake the answer to the call that brings it about.
    await end().catch(() => undefined);
  } while (!(await Promise.race([isSeen, setTimeout(MISSED, false, { ref: false })])));
}
