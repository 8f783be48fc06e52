import type { PhraseBook, RecordedPhrase } from '../../demo/providers/phraseBook.js';
import { BANDS, RANGE_DB, spectrogram } from '../../demo/providers/spectrogram.js';

/** What is quieter is no sound. */
const SOUND_DB = RANGE_DB - 25;
/** 20 ms: every other column. */
const STEP = 2;
/** How much of a phrase there has to be, and how much too long it may be. */
const [LEAST, MOST] = [0.7, 1.6];

type Column = Float32Array;

/**
 * A phrase book for a busy machine, which drops packets of a voice, doubles them and makes pauses:
 * says which of its phrases a stretch of audio is most like, if it is about as long as that one.
 *
 * By dynamic time warping of spectrograms (Sakoe and Chiba, 1978).
 */
export function forgivingPhraseBook(recorded: readonly RecordedPhrase[]): PhraseBook {
  const phrases = recorded.map(({ text, samples, sampleRate }) => ({
    text,
    columns: soundsOf(samples, sampleRate),
  }));
  return {
    recognise: (samples, sampleRate) => {
      const heard = soundsOf(samples, sampleRate);
      const [best] = phrases
        .map(({ text, columns }) => ({ text, columns, distance: distance(heard, columns) }))
        .sort((a, b) => a.distance - b.distance);
      const share = heard.length / best!.columns.length;
      return share > LEAST && share < MOST ? best!.text : undefined;
    },
  };
}

/** The columns of a spectrogram in which there is any sound. */
function soundsOf(samples: Int16Array, sampleRate: number): readonly Column[] {
  const picture = spectrogram(samples, sampleRate);
  const columns: Column[] = [];
  for (let at = 0; at + BANDS <= picture.length; at += STEP * BANDS) {
    columns.push(picture.subarray(at, at + BANDS));
  }
  return columns.filter((column) => column.some((db) => db > SOUND_DB));
}

/** Mean difference in dB along the best way through both. */
function distance(a: readonly Column[], b: readonly Column[]): number {
  let before = b.map(() => Infinity);
  a.forEach((column, i) => {
    const row: number[] = [];
    b.forEach((other, j) => {
      const first = i === 0 && j === 0 ? 0 : Infinity;
      const way = Math.min(before[j]!, before[j - 1] ?? first, row[j - 1] ?? first);
      row.push(way + difference(column, other));
    });
    before = row;
  });
  return (before.at(-1) ?? Infinity) / (a.length + b.length);
}

const difference = (a: Column, b: Column) =>
  a.reduce((sum, db, band) => sum + Math.abs(db - b[band]!), 0) / BANDS;
