import { map, type Observable, range } from 'rxjs';
import type { Hertz, Milliseconds, PcmFrame, Samples } from './types.js';

const RATE: Hertz = 48_000;
/** 100 ms, as the frames of an asset are. */
const FRAME: Samples = 4_800;
/** A second of tone, then a pause long enough not to wear anybody out. */
const TONE: Milliseconds = 1_000;
const PERIOD: Milliseconds = 4_000;
/** Long enough to swell rather than beep. */
const RAMP: Milliseconds = 250;
/**
 * E5 and A5, a fourth: consonant, within the telephone band (300 to 3400 Hz), and away from the
 * 350 to 500 Hz and 620 Hz of which networks make dial, ringing, busy and congestion tone (ITU-T
 * E.180 and its supplement 2): nobody on hold shall believe that the call has ended.
 */
const PITCHES: readonly Hertz[] = [660, 880];
/** -26 dBFS RMS for both together: 1642 = 32768 * 10^(-26 / 20), and two sines of peak p have RMS p. */
const PEAK = 1_642;

/**
 * The built-in soft hold tone, for somebody who is held and whose music cannot be had: two gentle
 * tones that swell and fade within a second, then three seconds of silence.
 *
 *     result  (tttttttttt______________________________|)     t: tone, _: silence, 100 ms each
 *
 * One period, 4 s of 48 kHz mono at once, to be paced and repeated like an asset; it begins and ends
 * in silence, so it loops without a seam.
 */
export function holdTone(): Observable<PcmFrame> {
  return range(0, (PERIOD * RATE) / 1000 / FRAME).pipe(
    map((index) => ({
      samples: Int16Array.from({ length: FRAME }, (_, n) => sampleAt(index * FRAME + n)),
      sampleRate: RATE,
    })),
  );
}

function sampleAt(position: Samples): number {
  const seconds = position / RATE;
  const sines = PITCHES.map((hz) => Math.sin(2 * Math.PI * hz * seconds));
  return Math.round(PEAK * swell(seconds * 1000) * sines.reduce((sum, sine) => sum + sine, 0));
}

/** Raised-cosine ramps from 0 to 1 and back: without a corner, there is nothing to click. */
function swell(at: Milliseconds): number {
  const ramp = Math.min(at, TONE - at) / RAMP;
  return 0.5 - 0.5 * Math.cos(Math.PI * Math.min(Math.max(ramp, 0), 1));
}
