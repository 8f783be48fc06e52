import { SttError } from './sttError.js';
import type { RecognisedText } from './toRecognition.js';
import { fromWhisperLanguage } from './whisperLanguage.js';

/** Whisper's `no_speech_threshold` and `logprob_threshold`: openai/whisper, `transcribe.py`. */
const NO_SPEECH_PROB = 0.6;
const LOGPROB = -1;

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly avg_logprob: number;
  readonly no_speech_prob: number;
}

/**
 * Reads an answer in Whisper's `verbose_json`.
 *
 * Whisper invents words where there are none ("Thank you."), so a segment is left out where it
 * takes it for no speech (`no_speech_prob` above 0.6) and is unsure of the words as well
 * (`avg_logprob` below -1): the rule by which Whisper itself skips silence. The confidence is that
 * of the mean token: `avg_logprob`, weighted by the segments' durations, as a probability.
 *
 * @throws SttError `retry` where it is no such answer.
 */
export function parseWhisper(answer: unknown): RecognisedText {
  const { text, language, segments } = Object(answer) as Record<string, unknown>;
  if (typeof text !== 'string') throw new SttError('retry', 'an answer without text');
  const told = typeof language === 'string' ? fromWhisperLanguage(language) : undefined;
  if (!Array.isArray(segments) || segments.length === 0) {
    return { text: text.trim(), language: told, confidence: undefined };
  }
  const spoken = (segments as Segment[]).filter((segment) => !isInvented(segment));
  return {
    text: spoken
      .map((segment) => segment.text)
      .join('')
      .trim(),
    language: told,
    confidence: confidenceOf(spoken),
  };
}

function isInvented({ no_speech_prob, avg_logprob }: Segment): boolean {
  return no_speech_prob > NO_SPEECH_PROB && avg_logprob < LOGPROB;
}

function confidenceOf(segments: readonly Segment[]): number | undefined {
  let [sum, duration] = [0, 0];
  for (const { start, end, avg_logprob } of segments) {
    sum += (end - start) * avg_logprob;
    duration += end - start;
  }
  const confidence = Math.min(1, Math.exp(sum / duration));
  return Number.isNaN(confidence) ? undefined : confidence;
}
