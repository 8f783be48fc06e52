import type { Milliseconds } from '../operators/types.js';
import { SAMPLE_RATE } from './vadRecordings.js';

const FULL_SCALE = 32_768;
const SAMPLES_PER_MS = SAMPLE_RATE / 1000;
const STEP: Milliseconds = 10;
/** Speech is what is no more than this below the loudest; a studio is quieter. */
const RANGE_DB = 35;
/** Closures of stops and the like are part of speech. */
const SHORT_GAP: Milliseconds = 150;

/** A span of a sound, in milliseconds from its start. */
export interface Span {
  readonly start: Milliseconds;
  readonly end: Milliseconds;
}

/** Root mean square of what is louder than next to nothing, in dB of full scale. */
export function levelOf(samples: Int16Array): number {
  const loud = steps(samples).filter((level) => level > -60);
  const power = loud.reduce((sum, level) => sum + 10 ** (level / 10), 0) / loud.length;
  return 10 * Math.log10(power);
}

/** The same sound at a level. */
export function atLevel(samples: Int16Array, dbfs: number): Int16Array {
  const gain = 10 ** ((dbfs - levelOf(samples)) / 20);
  return samples.map((sample) => clip(sample * gain));
}

/** Both at once; the second is repeated for as long as the first lasts. */
export function mix(sound: Int16Array, background: Int16Array): Int16Array {
  return sound.map((sample, i) => clip(sample + background[i % background.length]!));
}

/** With silence around it. */
export function padded(sound: Int16Array, before: Milliseconds, after: Milliseconds): Int16Array {
  const all = new Int16Array(sound.length + (before + after) * SAMPLES_PER_MS);
  all.set(sound, before * SAMPLES_PER_MS);
  return all;
}

/** White noise of about -5 dBFS, the same each time. */
export function noise(length: number, random: () => number): Int16Array {
  return new Int16Array(length).map(() => clip((2 * random() - 1) * FULL_SCALE));
}

/** Where somebody speaks in a recording without any other sound. */
export function spokenSpans(clean: Int16Array): readonly Span[] {
  const levels = steps(clean);
  const threshold = Math.max(...levels) - RANGE_DB;
  const spans: Span[] = [];
  levels.forEach((level, i) => {
    if (level < threshold) return;
    const [start, last] = [i * STEP, spans.at(-1)];
    if (last && start - last.end <= SHORT_GAP) spans.pop();
    spans.push({
      start: last && start - last.end <= SHORT_GAP ? last.start : start,
      end: start + STEP,
    });
  });
  return spans;
}

/** Levels in dB of full scale, each of 10 ms. */
function steps(samples: Int16Array): number[] {
  const length = STEP * SAMPLES_PER_MS;
  return Array.from({ length: Math.floor(samples.length / length) }, (_, i) => {
    const part = samples.subarray(i * length, (i + 1) * length);
    const power = part.reduce((sum, sample) => sum + sample * sample, 0) / length;
    return 10 * Math.log10(power / FULL_SCALE ** 2 + 1e-12);
  });
}

function clip(sample: number): number {
  return Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(sample)));
}
