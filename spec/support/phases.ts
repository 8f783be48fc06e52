import type { Hertz, Samples } from '../../operators/types.js';

/** 20 ms: under a Hann window nothing but the tone itself is left in it, to 0.0001 rad. */
const WINDOW: Samples = 960;
/** 5 ms. */
const STEP: Samples = 240;

/**
 * The phase of a tone every 5 ms, in radians against a sine that runs on undisturbed from the first
 * sample. A lost or added sample shifts all that follows it; what comes back was heard in between.
 */
export function phases(samples: Int16Array, hz: Hertz): readonly number[] {
  const found: number[] = [];
  let turns = 0;
  for (let from = 0; from + WINDOW <= samples.length; from += STEP) {
    const phase = phaseAt(samples, from, (2 * Math.PI * hz) / 48_000);
    const before = found.at(-1) ?? phase;
    turns -= Math.round((phase + turns * 2 * Math.PI - before) / (2 * Math.PI));
    found.push(phase + turns * 2 * Math.PI);
  }
  return found;
}

function phaseAt(samples: Int16Array, from: Samples, step: number): number {
  let [real, imaginary] = [0, 0];
  for (let n = 0; n < WINDOW; n++) {
    const weighted = samples[from + n]! * (1 - Math.cos((2 * Math.PI * n) / WINDOW));
    real += weighted * Math.cos(step * (from + n));
    imaginary -= weighted * Math.sin(step * (from + n));
  }
  return Math.atan2(imaginary, real);
}
