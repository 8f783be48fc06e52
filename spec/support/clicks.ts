import type { Hertz, Samples } from '../../operators/types.js';

/** A place where a signal goes on otherwise than it went. */
export interface Click {
  readonly at: Samples;
  /** How far the sample is from where it should be, in 16-bit steps. */
  readonly size: number;
}

/** What follows a click within this belongs to it: 5 ms. */
const DEAD_TIME: Samples = 240;

/**
 * Where a tone breaks: jumps in phase or level, missing, repeated and foreign samples.
 *
 * Two samples of a sine determine the third, x(n) = 2 cos(w) x(n-1) - x(n-2), whatever its phase
 * and level. A fade of 20 ms is off by 0.02 % of the level, silence not at all, so that what is off
 * by more than `tolerance` is no fade, start or end but a click.
 *
 * @param tolerance in 16-bit steps.
 */
export function clicks(samples: Int16Array, hz: Hertz, tolerance: number): readonly Click[] {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / 48_000);
  const found: Click[] = [];
  let quietUntil = 0;
  for (let at = 2; at < samples.length; at++) {
    const size = Math.abs(samples[at]! - coefficient * samples[at - 1]! + samples[at - 2]!);
    if (size <= tolerance) continue;
    if (at >= quietUntil) found.push({ at, size });
    quietUntil = at + DEAD_TIME;
  }
  return found;
}
