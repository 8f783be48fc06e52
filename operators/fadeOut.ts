import type { Hertz, Milliseconds } from './types.js';

/**
 * The end to give a signal that is cut short: the first milliseconds of what would have followed,
 * falling along a quarter cosine to a last sample of exactly 0.
 *
 * @param samples the rest of the signal; where it is shorter than `duration`, all of it falls.
 * @returns a buffer of its own, at most `duration` long.
 */
export function fadeOut(
  samples: Int16Array,
  duration: Milliseconds = 20,
  sampleRate: Hertz = 48_000,
): Int16Array {
  const faded = samples.slice(0, Math.round((sampleRate * duration) / 1000));
  return faded.map((sample, i) =>
    Math.round(sample * Math.cos(((i + 1) / faded.length) * (Math.PI / 2))),
  );
}
