import { createFft } from './fft.js';

/** Telephone audio has no more than this rate's half, and words are told apart by it well enough. */
const RATE = 8_000;
/** 32 ms, as speech recognisers use: one vowel, a few periods of a low voice. */
const WINDOW = 256;
/** 10 ms. */
const HOP = 80;
const LOWEST_HZ = 150;
const HIGHEST_HZ = 3_800;
/** What is this far below the loudest is silence: a codec and a line leave anything there. */
export const RANGE_DB = 40;

/** How many bands a spectrogram has. */
export const BANDS = 18;
/** How far its columns are apart. */
export const COLUMN_MS = 10;

/** Edges of the bands, as FFT bins: equal steps on the mel scale (O'Shaughnessy's formula). */
const EDGES = Array.from({ length: BANDS + 1 }, (_, band) => {
  const mel = toMel(LOWEST_HZ) + ((toMel(HIGHEST_HZ) - toMel(LOWEST_HZ)) * band) / BANDS;
  return Math.round((fromMel(mel) * WINDOW) / RATE);
});
const HANN = Float64Array.from(
  { length: WINDOW },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / WINDOW),
);
const transform = createFft(WINDOW);

/**
 * Loudness of every band in every column, column after column, in dB above what counts as silence:
 * 0 to 40, so that the volume plays no part.
 *
 * @param step 1 for a column every 10 ms, 2 for every other one of them, and so on.
 */
export function spectrogram(samples: Int16Array, sampleRate: number, step = 1): Float32Array {
  const signal = reduce(samples, sampleRate);
  const hop = HOP * step;
  const columns = Math.max(0, Math.floor((signal.length - WINDOW) / hop) + 1);
  const picture = new Float32Array(columns * BANDS);
  for (let column = 0; column < columns; column += 1) {
    const power = powerSpectrum(signal.subarray(column * hop, column * hop + WINDOW));
    for (let band = 0; band < BANDS; band += 1) {
      picture[column * BANDS + band] = 10 * Math.log10(bandPower(power, band) + 1);
    }
  }
  const silence = picture.reduce((loudest, db) => Math.max(loudest, db), 0) - RANGE_DB;
  return picture.map((db) => Math.max(0, db - silence));
}

function toMel(hz: number): number {
  return 1_127 * Math.log(1 + hz / 700);
}

function fromMel(mel: number): number {
  return 700 * (Math.exp(mel / 1_127) - 1);
}

/** Averaging takes out most of what the lower rate cannot hold. */
function reduce(samples: Int16Array, sampleRate: number): Float64Array {
  const size = Math.floor((samples.length * RATE) / sampleRate);
  return new Float64Array(size).map((_, n) => {
    const from = Math.floor((n * sampleRate) / RATE);
    const to = Math.max(from + 1, Math.floor(((n + 1) * sampleRate) / RATE));
    let sum = 0;
    for (let index = from; index < to; index += 1) sum += samples[index]!;
    return sum / (to - from);
  });
}

function bandPower(power: Float64Array, band: number): number {
  let sum = 0;
  for (let bin = EDGES[band]!; bin < EDGES[band + 1]!; bin += 1) sum += power[bin]!;
  return sum / (EDGES[band + 1]! - EDGES[band]!);
}

/** Power of the lower half of the bins of a windowed stretch. */
function powerSpectrum(stretch: Float64Array): Float64Array {
  const [real, imaginary] = [new Float64Array(WINDOW), new Float64Array(WINDOW)];
  for (let n = 0; n < WINDOW; n += 1) real[n] = stretch[n]! * HANN[n]!;
  transform(real, imaginary);
  const power = new Float64Array(WINDOW / 2);
  for (let bin = 0; bin < power.length; bin += 1) {
    power[bin] = (real[bin]! * real[bin]! + imaginary[bin]! * imaginary[bin]!) / WINDOW;
  }
  return power;
}
