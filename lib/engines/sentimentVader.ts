import { createRequire } from 'node:module';
import type { SentimentScores } from '../../operators/types.js';

/** What the rules of VADER look at. */
export interface Words {
  readonly words_and_emoticons: readonly string[];
  /** Whether some of the words are in capitals, but not all. */
  readonly is_cap_diff: boolean;
}

/** What of the package `vader-sentiment` is used; it has no types. */
export interface Vader {
  /** The valence of a word in its place, appended to `valences`. */
  sentiment_valence(
    valence: 0,
    words: Words,
    word: string,
    index: number,
    valences: readonly [],
  ): [number];
  /** The valence, changed where the word before is a negator. */
  never_check(valence: number, words: readonly string[], distance: 0, index: 1): number;
  /** Halves the valences before a "but", and raises those behind it by half. */
  but_check(words: readonly string[], valences: number[]): number[];
  score_valence(valences: readonly number[], text: string): SentimentScores;
}

/** Loads the package, which takes about 15 ms the first time. */
export function loadVader(): Vader {
  const require = createRequire(import.meta.url);
  return (require('vader-sentiment') as { SentimentIntensityAnalyzer: Vader })
    .SentimentIntensityAnalyzer;
}

/** Whether a word, in small letters, negates what follows. */
export function isNegator(vader: Vader, word: string): boolean {
  return vader.never_check(1, [word, ''], 0, 1) !== 1;
}
