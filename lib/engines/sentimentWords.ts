/** VADER judges utterances and posts; what goes on for longer is cut, so that no text takes long. */
const LONGEST_TEXT = 5_000;
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
/** What is left of an emoticon without its punctuation. */
const EMOTICON_LETTERS = 2;

/** What keyboards and speech providers write where VADER knows the ASCII character alone. */
const STRAIGHTENED: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u02bc]/g, "'"],
  [/[\u201c\u201d]/g, '"'],
  [/\u2026/g, '...'],
  [/[\u2013\u2014]/g, '-'],
  [/[\u200b-\u200d\ufeff]/g, ''],
];

/** A text with straight quotes and dashes and nothing invisible, 5,000 characters long at most. */
export function straighten(text: string): string {
  return STRAIGHTENED.reduce(
    (straight, [pattern, character]) => straight.replace(pattern, character),
    text.slice(0, LONGEST_TEXT),
  );
}

/** The words of a text without the punctuation around them, and its emoticons. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter(Boolean).map(stripPunctuation);
}

/** Whether a word has capitals and no small letters. */
export function isShouted(word: string): boolean {
  return word === word.toUpperCase() && word !== word.toLowerCase();
}

/** A loop, because a regular expression would look at a long row of marks once for each of them. */
function stripPunctuation(token: string): string {
  let [start, end] = [0, token.length];
  while (start < end && PUNCTUATION.includes(token.charAt(start))) start += 1;
  while (end > start && PUNCTUATION.includes(token.charAt(end - 1))) end -= 1;
  return end - start <= EMOTICON_LETTERS ? token : token.slice(start, end);
}
