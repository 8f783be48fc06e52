import type { Milliseconds } from '../../operators/types.js';

/** The longest stretch of 48 kHz audio in which no sample is louder than `threshold`. */
export function longestGap(samples: Int16Array, threshold: number): Milliseconds {
  let longest = 0;
  let quiet = 0;
  for (const sample of samples) {
    quiet = Math.abs(sample) > threshold ? 0 : quiet + 1;
    longest = Math.max(longest, quiet);
  }
  return longest / 48;
}
