import type { Vader, Words } from './sentimentVader.js';

/** How far back the rules look, and how far ahead. */
const BEFORE = 3;
const AFTER = 2;
/** The package has 1.5 where the reference has 1.25. */
const NEVER_SO = 1.25 / 1.5;
/** The package knows this one in small letters only. */
const SHOUTED_SO = 1.25;

/**
 * How positive or negative a word is in its place: -4 to 4 by the lexicon, and somewhat beyond by
 * what is around it. Zero where it is not in the lexicon, and where it only changes others.
 */
export function valenceOf(vader: Vader, about: Words, index: number): number {
  const words = about.words_and_emoticons;
  const [word = '', next = ''] = words.slice(index, index + 2).map((word) => word.toLowerCase());
  const isModifier =
    (word === 'kind' && next === 'of') || (word === 'no' && isWeighed(vader, next));
  if (isModifier || !isWeighed(vader, word)) return 0;
  const start = Math.max(0, index - BEFORE);
  const before = words.slice(start, index);
  const context = [...withRules(before), ...words.slice(index, index + AFTER + 1)];
  const around = { ...about, words_and_emoticons: context };
  return weigh(vader, around, before.length) * correction(before);
}

function isWeighed(vader: Vader, word: string): boolean {
  return weigh(vader, { words_and_emoticons: [word], is_cap_diff: false }, 0) !== 0;
}

function weigh(vader: Vader, about: Words, index: number): number {
  return vader.sentiment_valence(0, about, about.words_and_emoticons[index] ?? '', index, [])[0];
}

/** What the package has no rule for, in words for which it has one. */
function withRules(before: readonly string[]): readonly string[] {
  const lower = before.map((word) => word.toLowerCase());
  const no = lower.lastIndexOf('no');
  // A "no" three words away still negates the second of two: "no good or happy".
  const isNegated = before.length - no < BEFORE || /^n?or$/.test(lower.at(-1) ?? '');
  const without = lower.lastIndexOf('without');
  const isCertain = lower.indexOf('doubt', without) > without;
  return before.map((word, place) => {
    if (place === no && isNegated) return 'not';
    return place === without && isCertain ? '' : word;
  });
}

/** What the package has otherwise, as a factor. */
function correction(before: readonly string[]): number {
  const [last = '', beforeLast = ''] = before.toReversed();
  if (beforeLast === 'never' && /^(so|this)$/i.test(last)) return NEVER_SO;
  return last === 'SO' && before.length === BEFORE ? SHOUTED_SO : 1;
}
