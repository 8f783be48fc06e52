import { map, type OperatorFunction } from 'rxjs';
import { baseLanguage } from './baseLanguage.js';
import type { ScoreSentiment, Sentiment, SentimentLabel, Transcript } from './types.js';

/** From here on, up and down, a text is positive or negative, as VADER's authors advise. */
const TYPICAL_THRESHOLD = 0.05;
const UNKNOWN: Sentiment = {
  compound: 0,
  pos: 0,
  neu: 0,
  neg: 0,
  label: 'unknown',
  supported: false,
};

/**
 * Adds to each transcript how it feels.
 *
 *     source  --a--b--c--      a in English, b in Arabic, c makes `score` throw
 *     result  --A--B--C--      B and C: unknown; C: all scores 0
 *
 * - VADER has a say in English alone: in any other language its scores mean nothing, so the label
 *   is `unknown`, and `supported` is false. So it is where the language of the text is not known.
 * - No transcript is lost because its score failed.
 *
 * @param onFailure told what `score` threw, and of which transcript.
 * @see https://github.com/cjhutto/vaderSentiment, "About the Scoring".
 */
export function withSentiment<T extends Transcript>(
  score: ScoreSentiment,
  onFailure: (error: unknown, transcript: T) => void,
): OperatorFunction<T, T & { readonly sentiment: Sentiment }> {
  const sentimentOf = (transcript: T): Sentiment => {
    try {
      return judge(transcript, score);
    } catch (error) {
      onFailure(error, transcript);
      return UNKNOWN;
    }
  };
  return map((transcript) => ({ ...transcript, sentiment: sentimentOf(transcript) }));
}

function judge({ text, language }: Transcript, score: ScoreSentiment): Sentiment {
  const { compound, pos, neu, neg } = score(text);
  const supported = baseLanguage(language) === 'en';
  const label = supported ? labelOf(compound) : 'unknown';
  return { compound, pos, neu, neg, label, supported };
}

function labelOf(compound: number): SentimentLabel {
  if (compound >= TYPICAL_THRESHOLD) return 'positive';
  return compound <= -TYPICAL_THRESHOLD ? 'negative' : 'neutral';
}
