import type { PhraseBook, RecordedPhrase } from '../../demo/providers/phraseBook.js';
import { BANDS, RANGE_DB, spectrogram } from '../../demo/providers/spectrogram.js';

/** What is quieter is no sound. */
const SOUND_DB = RANGE_DB - 25;
/** 40 ms: every fourth column. */
const STEP = 4;
/** How much of a phrase there has to be, and how much too long it may be. */
const [LEAST, MOST] = [0.7, 1.6];

/**
 * A phrase book for a busy machine, which drops packets of a voice, doubles them and makes pauses:
 * says which of its phrases, of those that are about as long, a stretch of audio is most like. One
 * recognition takes about 2 ms for 22 phrases.
 *
 * By dynamic time warping of spectrograms (Sakoe and Chiba, 1978).
 */
export function forgivingPhraseBook(recorded: readonly RecordedPhrase[]): PhraseBook {
  const phrases = recorded.map(({ text, samples, sampleRate }) => ({
    text,
    sounds: soundsOf(samples, sampleRate),
  }));
  return {
    recognise: (samples, sampleRate) => {
      const heard = soundsOf(samples, sampleRate);
      const isAsLong = (sounds: Float32Array) =>
        heard.length > LEAST * sounds.length && heard.length < MOST * sounds.length;
      const [best] = phrases
        .filter(({ sounds }) => isAsLong(sounds))
        .map(({ text, sounds }) => ({ text, distance: distance(heard, sounds) }))
        .sort((a, b) => a.distance - b.distance);
      return best?.text;
    },
  };
}

/** The columns of a spectrogram in which there is any sound, one after the other. */
function soundsOf(samples: Int16Array, sampleRate: number): Float32Array {
  const picture = spectrogram(samples, sampleRate, STEP);
  const sounds = new Float32Array(picture.length);
  let length = 0;
  for (let at = 0; at < picture.length; at += BANDS) {
    const column = picture.subarray(at, at + BANDS);
    if (!column.some((db) => db > SOUND_DB)) continue;
    sounds.set(column, length);
    length += BANDS;
  }
  return sounds.slice(0, length);
}

/** Mean difference in dB along the best way through both. */
function distance(a: Float32Array, b: Float32Array): number {
  const columns = b.length / BANDS;
  let before = new Float64Array(columns).fill(Infinity);
  let row = new Float64Array(columns);
  for (let i = 0; i < a.length; i += BANDS) {
    for (let j = 0; j < columns; j += 1) {
      const first = i === 0 && j === 0 ? 0 : Infinity;
      const way = Math.min(before[j]!, before[j - 1] ?? first, row[j - 1] ?? first);
      row[j] = way + difference(a, i, b, j * BANDS);
    }
    [before, row] = [row, before];
  }
  return (before.at(-1) ?? Infinity) / (a.length / BANDS + columns);
}

function difference(a: Float32Array, i: number, b: Float32Array, j: number): number {
  let sum = 0;
  for (let band = 0; band < BANDS; band += 1) sum += Math.abs(a[i + band]! - b[j + band]!);
  return sum / BANDS;
}
