import type { Attributes } from '../../operators/types.js';
import {
  type PlaybackAnswer,
  playbackAnswer,
  type TranscriptionAnswer,
  transcriptionAnswer,
} from './answers.js';

/** An answer of the bot. */
export type BotAnswer = PlaybackAnswer | TranscriptionAnswer;

/** What an answer means for the command that waits for it. */
export type Verdict = 'done' | 'failed' | 'wait';

/** How an answer is found among attributes, and judged. */
export interface ReadAnswer<A extends BotAnswer> {
  readonly answerOf: (attributes: Attributes) => A | undefined;
  /** The attribute that holds the id of the newest command. */
  readonly idKey: string;
  readonly judge: (answer: A) => Verdict;
}

/** Of a command of playback. */
export const playback = (
  judge: (answer: PlaybackAnswer) => Verdict,
): ReadAnswer<PlaybackAnswer> => ({
  answerOf: playbackAnswer,
  idKey: 'media.command_id',
  judge,
});

/** Any answer will do but `failed`. */
export const doneUnlessFailed = ({ status }: BotAnswer): Verdict =>
  status === 'failed' ? 'failed' : 'done';

/** Of a command of transcription. */
export const transcription: ReadAnswer<TranscriptionAnswer> = {
  answerOf: transcriptionAnswer,
  idKey: 'stt.command_id',
  judge: doneUnlessFailed,
};

/** Answers after which there will be no hold; after others, a tone stands in for the music. */
const NO_HOLD: readonly unknown[] = [
  'invalid_command',
  'forbidden',
  'isolation_failed',
  'bot_gone',
];

/** The isolation has been accepted. */
export const heldUnlessRefused = ({ held, error }: PlaybackAnswer): Verdict => {
  if (NO_HOLD.includes(error?.code)) return 'failed';
  return held ? 'done' : 'wait';
};

/** The end of the isolation has been accepted. */
export const releasedUnlessFailed = ({ status, held }: PlaybackAnswer): Verdict => {
  if (status === 'failed') return 'failed';
  return held ? 'wait' : 'done';
};
