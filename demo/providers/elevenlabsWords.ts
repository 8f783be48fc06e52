/** A word of Scribe, or what is between two of them. */
export interface ScribeWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly type: 'word' | 'spacing';
  readonly logprob: number;
}

const LOGPROB = -0.1;

/** A text as Scribe gives its words: of equal length, one after the other, from and to a second. */
export function toWords(text: string, from: number, to: number): readonly ScribeWord[] {
  const parts = text.split(/(\s+)/).filter((part) => part !== '');
  const step = (to - from) / parts.length;
  return parts.map((part, n) => ({
    text: part,
    start: from + n * step,
    end: from + (n + 1) * step,
    type: part.trim() === '' ? 'spacing' : 'word',
    logprob: LOGPROB,
  }));
}

/** A language as Scribe tells it: in three letters, where the stand-in knows them. */
export function toThreeLetters(code: string): string {
  return THREE_LETTERS[code] ?? code;
}

const THREE_LETTERS: Readonly<Record<string, string>> = {
  ar: 'ara',
  de: 'deu',
  en: 'eng',
  es: 'spa',
  fr: 'fra',
};
