import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import { recognizeTone } from '../../demo/toneRecognizer.js';

/** A tone counts from 60 ms on: two tracks that overlap, or a codec's click, can look like any. */
const IN_A_ROW = 3;

/**
 * Which of these tones somebody has heard since then, of whomever, in order; one that went on
 * counts once, one that came back twice. At most of the last 20 s.
 */
export function tonesHeard(
  person: DemoParticipant,
  known: readonly number[],
  since: number,
): readonly number[] {
  const tones = person
    .heardSince(since)
    .map(({ samples }) => recognizeTone(samples, known)?.hz)
    .filter((hz) => hz !== undefined);
  const steady = tones.filter((hz, n) => tones.slice(n, n + IN_A_ROW).every((next) => next === hz));
  return steady.filter((hz, n) => hz !== steady[n - 1]);
}
