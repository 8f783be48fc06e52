import type { HeardWindow } from '../demo/participants/heardWindows.js';

/** -50 dBFS: Opus leaves less than -80 dBFS of what was silence, and a fade ends below it. */
const AUDIBLE = 104;
/** Samples in a millisecond, at 48 kHz. */
const PER_MS = 48;

/** Position of the first audible sample, -1 where all is silence. */
export const firstAudible = (samples: Int16Array): number => samples.findIndex(isAudible);

/**
 * When a listener hears the first audible sample of a window, in epoch milliseconds; `undefined`
 * where all is silence. The listener is one who starts to play a window as it arrives, so that each
 * sample is heard at the arrival plus its position, whichever window it happens to fall into.
 */
export const firstAudibleAt = ({ at, samples }: Pick<HeardWindow, 'at' | 'samples'>) =>
  toTime(at, firstAudible(samples));

/** When a listener hears the last audible sample of a window; see `firstAudibleAt`. */
export const lastAudibleAt = ({ at, samples }: Pick<HeardWindow, 'at' | 'samples'>) =>
  toTime(at, samples.findLastIndex(isAudible));

function isAudible(sample: number): boolean {
  return Math.abs(sample) >= AUDIBLE;
}

function toTime(arrival: number, position: number): number | undefined {
  return position === -1 ? undefined : arrival + position / PER_MS;
}
