import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import { now } from '../../demo/participants/heardWindows.js';

/** Resolves when a tone has not been heard for so many milliseconds from now on; else rejects. */
export async function notHeard(
  person: DemoParticipant,
  hz: number,
  during: number,
  since = now(),
): Promise<void> {
  const heard = await person.waitForTone(hz, { within: during, since }).catch(() => undefined);
  if (heard) throw new Error(`${person.identity} heard ${hz} Hz from ${heard.from}`);
}
