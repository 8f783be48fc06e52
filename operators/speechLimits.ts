import type { Milliseconds } from './types.js';

/** What counts as speech, and where an utterance ends. */
export interface SpeechLimits {
  /** Probability from which on a frame is speech: 0.5 (default), as Silero's authors have it. */
  readonly onThreshold: number;
  /** Probability below which speech is over: 0.35 (default), theirs too: 0.15 under the other. */
  readonly offThreshold: number;
  /** What is spoken at least, pauses not counted: 250 ms (default). Less is a click or a cough. */
  readonly minSpeech: Milliseconds;
  /** How much of what precedes the first speech belongs to it: 300 ms (default), a soft consonant. */
  readonly preRoll: Milliseconds;
  /**
   * How long a pause ends the utterance: 384 ms (default), measured by `bench/vadHangover`; twelve
   * windows of voice detection, for a pause can end with a window only.
   */
  readonly hangover: Milliseconds;
  /** Longest utterance, pre-roll included: 20 s (default), which every provider takes at once. */
  readonly maxLength: Milliseconds;
  /** In how much of the end of the longest one the quietest frame is looked for: 3 s (default). */
  readonly cutWindow: Milliseconds;
}

/** The defaults of `SpeechLimits`. */
export const SPEECH_LIMITS: SpeechLimits = {
  onThreshold: 0.5,
  offThreshold: 0.35,
  minSpeech: 250,
  preRoll: 300,
  hangover: 384,
  maxLength: 20_000,
  cutWindow: 3_000,
};
