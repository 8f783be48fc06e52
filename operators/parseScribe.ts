import { baseLanguage } from './baseLanguage.js';
import { SttError } from './sttError.js';
import type { RecognisedText } from './toRecognition.js';

/** What is read of an answer; without a text, it is none. */
interface Answer {
  readonly text?: unknown;
  readonly language_code?: string;
  readonly words?: readonly Word[];
}

interface Word {
  readonly type: 'word' | 'spacing' | 'audio_event';
  readonly logprob?: number;
}

/**
 * Reads an answer of Scribe: a batch one, or the parts that it committed of an utterance.
 *
 * The language is told in three letters (`ara`) and read as two. The confidence is that of the mean
 * word: the mean of `logprob`, as a probability; there is none where no word has one.
 *
 * @throws SttError `retry` where it is no such answer.
 */
export function parseScribe(...parts: readonly unknown[]): RecognisedText {
  const answers = parts.map((part) => Object(part) as Answer);
  const texts = answers.map(({ text }) => {
    if (typeof text !== 'string') throw new SttError('retry', 'an answer without text');
    return text.trim();
  });
  const told = answers.map(({ language_code }) => language_code).find((code) => code !== undefined);
  return {
    text: texts.filter((text) => text !== '').join(' '),
    language: baseLanguage(told),
    confidence: confidenceOf(answers.flatMap(({ words = [] }) => words)),
  };
}

function confidenceOf(words: readonly Word[]): number | undefined {
  const logprobs = words
    .filter(({ type }) => type === 'word')
    .map(({ logprob }) => logprob)
    .filter((logprob) => logprob !== undefined);
  if (logprobs.length === 0) return undefined;
  const mean = logprobs.reduce((sum, logprob) => sum + logprob, 0) / logprobs.length;
  return Math.min(1, Math.exp(mean));
}
