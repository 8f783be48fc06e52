import { readFileSync } from 'node:fs';
import type { Hertz, Samples } from '../../operators/types.js';

/** A tone in `spec/fixtures/golden`: whole periods, so that a perfect loop never breaks its phase. */
export interface GoldenTone {
  readonly name: string;
  readonly hz: Hertz;
  /** Length of one pass at 48 kHz: no multiple of 480. */
  readonly length: Samples;
  /** More than its phase can be off at a seam, for its length alone. */
  readonly radiansPerSeam: number;
}

/** 48 kHz: nothing is resampled. */
export const TONE_48K: GoldenTone = {
  name: 'tone48k-12099',
  hz: 48_000 / 109,
  length: 12_099,
  radiansPerSeam: 0.00001,
};
/** 44.1 kHz, of a length that is whole at 48 kHz too. */
export const TONE_44K: GoldenTone = {
  name: 'tone44k-10290',
  hz: 630,
  length: 11_200,
  radiansPerSeam: 0.00001,
};
/** 44.1 kHz, of a length that is 10884.35 samples at 48 kHz, so that each pass is 7 us short. */
export const TONE_UNEVEN: GoldenTone = {
  name: 'tone44k-10000',
  hz: 441,
  length: 10_884,
  radiansPerSeam: 0.021,
};

/** The bytes of such a file. */
export function readTone({ name }: GoldenTone): Buffer {
  return readFileSync(new URL(`../fixtures/golden/${name}.mp3`, import.meta.url));
}
