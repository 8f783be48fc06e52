import { levelDbfs, toneDbfs } from '../../demo/toneRecognizer.js';
import type { PhraseBook } from '../../demo/providers/phraseBook.js';
import type { Hertz } from '../../operators/types.js';
import { sineFrame } from './frames.js';

/** Something that a voice of pure tones can say. */
export interface TonePhrase {
  readonly text: string;
  /** 16 kHz mono, 1 s. */
  readonly samples: Int16Array;
}

const SAMPLE_RATE: Hertz = 16_000;
/** Apart enough for a second of each to be told from the other. */
const TEXTS: Readonly<Record<Hertz, string>> = {
  500: 'Good morning.',
  900: 'How are you?',
  1_300: 'Goodbye.',
};
/** A phrase is understood where it makes up half of the energy. */
const SHARE_DB = -3;

/** Every phrase there is. */
export const TONE_PHRASES: readonly TonePhrase[] = Object.entries(TEXTS).map(([hz, text]) => ({
  text,
  samples: sineFrame(Number(hz), SAMPLE_RATE, SAMPLE_RATE).samples,
}));

/** A phrase book that understands `TONE_PHRASES`, or most of one, and nothing else. */
export const tonePhraseBook: PhraseBook = {
  recognise(samples, sampleRate) {
    const level = levelDbfs(samples);
    const heard = Object.keys(TEXTS)
      .map(Number)
      .find((hz) => toneDbfs(samples, hz, sampleRate) > level + SHARE_DB);
    return heard === undefined ? undefined : TEXTS[heard];
  },
};
