import type { ScoreSentiment, SentimentScores } from '../../operators/types.js';
import { valenceOf } from './sentimentValence.js';
import { isNegator, loadVader, type Vader } from './sentimentVader.js';
import { isShouted, straighten, wordsOf } from './sentimentWords.js';

const STRONG =
  'considerable enormous exceptional extreme frackin fracking fuckin fuggin fugging ' +
  'incredible major total tremendous utter';
const WEAK = 'marginal occasional scarce slight';
/** Words that the package lacks, or weighs otherwise, and one of the same weight that it has. */
const SAME_WEIGHT: ReadonlyMap<string, string> = new Map([
  ['heart', 'love'],
  ['hearts', 'sweetheart'],
  ['flawed', 'accident'],
  ['badass', 'advantaged'],
  ...STRONG.split(' ').map((word) => [word, 'highly'] as const),
  ...WEAK.split(' ').map((word) => [word, 'partly'] as const),
]);

/**
 * VADER as its authors publish it (Python, 3.3.2), out of the npm package's lexicon and rules.
 *
 * The package by itself is a port of an older VADER: it takes "Not happy" for happy and "No
 * problem" for a problem, and seconds for some words of 2,000 letters. So texts are split and
 * prepared here. The compound of 99 % of texts is the reference's to four digits. Two differences
 * are meant: emoji have no weight, and "don’t" negates with a curly apostrophe too.
 *
 * Only the first 5,000 characters of a text count. No text makes it throw. The package is loaded
 * with the first one.
 *
 * @see https://github.com/cjhutto/vaderSentiment
 */
export function createScoreSentiment(): ScoreSentiment {
  let vader: Vader | undefined;
  return (text) => score((vader ??= loadVader()), straighten(text));
}

function score(vader: Vader, text: string): SentimentScores {
  const written = wordsOf(text);
  const shouted = written.filter(isShouted).length;
  const isCapDiff = shouted > 0 && shouted < written.length;
  const words = written.map((word) => prepare(vader, word, isCapDiff));
  const about = { words_and_emoticons: words, is_cap_diff: isCapDiff };
  const valences = words.map((_, index) => valenceOf(vader, about, index));
  const lower = words.map((word) => word.toLowerCase());
  return vader.score_valence(vader.but_check(lower, valences), text);
}

/** The package knows negators in small letters only, and fewer words. */
function prepare(vader: Vader, written: string, isCapDiff: boolean): string {
  const lower = written.toLowerCase();
  const word = SAME_WEIGHT.get(lower) ?? lower;
  const isEmphasis = isCapDiff && isShouted(written) && !isNegator(vader, lower);
  return isEmphasis ? word.toUpperCase() : word;
}
