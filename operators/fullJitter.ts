import type { Milliseconds } from './types.js';

/** How delays grow: the range of each is twice that of the one before. */
export interface Growth {
  readonly first: Milliseconds;
  /** What no delay exceeds; nothing is capped when missing. */
  readonly longest?: Milliseconds;
}

/**
 * A delay before another attempt: anything from 0 up to twice the range of the one before, so that
 * those who failed together do not come back together.
 *
 * @param attempt 0 for the range of `first`.
 * @param random 0 to 1.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter, "Full Jitter".
 */
export function fullJitter(
  attempt: number,
  { first, longest = Infinity }: Growth,
  random = Math.random(),
): Milliseconds {
  return random * Math.min(first * 2 ** attempt, longest);
}
