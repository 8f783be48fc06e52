import type { Words } from './transcriptionTalk.js';

/** What has become of what was said. */
export interface WordCount {
  readonly said: number;
  /** Once. */
  readonly published: number;
  readonly lost: number;
  readonly doubled: number;
  /** What was read and never said: a phrase in pieces, or two in one. */
  readonly strange: number;
}

/** A transcript tells when its words began; two of the same text are seconds apart. */
const NEAR_MS = 1_500;

const isOf = (said: Words, read: Words) =>
  read.text === said.text && Math.abs(read.startMs - said.startMs) < NEAR_MS;

const timesRead = (phrase: Words, read: readonly Words[]) =>
  read.filter((words) => isOf(phrase, words)).length;

/** Counts what one person said from one moment to another, in epoch milliseconds. */
export function countWords(
  said: readonly Words[],
  read: readonly Words[],
  from: number,
  to: number,
): WordCount {
  const within = ({ startMs }: Words) => startMs >= from && startMs < to;
  const times = said.filter(within).map((phrase) => timesRead(phrase, read));
  const strange = read.filter(
    (words) => within(words) && !said.some((phrase) => isOf(phrase, words)),
  );
  return {
    said: times.length,
    published: times.filter((count) => count === 1).length,
    lost: times.filter((count) => count === 0).length,
    doubled: times.filter((count) => count > 1).length,
    strange: strange.length,
  };
}

/** What was said and not published once, with how often it was. */
export function spoiltWords(
  said: readonly Words[],
  read: readonly Words[],
): readonly (Words & { readonly times: number })[] {
  return said
    .map((phrase) => ({ ...phrase, times: timesRead(phrase, read) }))
    .filter(({ times }) => times !== 1);
}
