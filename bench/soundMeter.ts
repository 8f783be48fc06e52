import type { Milliseconds } from '../operators/types.js';
import { firstAudible } from './audibleAt.js';

/** How much of a sound was heard, and the longest part of it that was not. */
export interface SoundMeter {
  /** For how long there was sound so far. */
  heardMs(): Milliseconds;
  /** The longest silence since the last call, or that goes on; the next one begins anew. */
  takeLongestGap(): Milliseconds;
  /** The next stretch of it. */
  hear(samples: Int16Array): void;
}

/** Measures a sound of so many samples in a millisecond, to 10 ms. */
export function createSoundMeter(perMs: number): SoundMeter {
  const step = 10 * perMs;
  let [heard, quiet, longest] = [0, 0, 0];
  return {
    heardMs: () => heard,
    takeLongestGap: () => {
      const gap = longest;
      longest = quiet;
      return gap;
    },
    hear: (samples) => {
      for (let start = 0; start < samples.length; start += step) {
        const part = samples.subarray(start, start + step);
        const ms = part.length / perMs;
        if (firstAudible(part) === -1) quiet += ms;
        else [heard, quiet] = [heard + ms, 0];
        longest = Math.max(longest, quiet);
      }
    },
  };
}
