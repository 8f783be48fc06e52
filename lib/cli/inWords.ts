import type {
  AnswerError,
  CallEvent,
  Dispatched,
  PlaybackAnswer,
  TranscriptionAnswer,
} from '../client/client.js';

/** Results and events as lines for people. */

const reason = ({ error }: { readonly error?: AnswerError }) =>
  error === undefined ? '' : `: ${error.code}: ${error.text}`;

/** Such as `playing, on hold`. */
export const playbackInWords = (answer: PlaybackAnswer): string =>
  `${answer.status}${answer.held ? ', on hold' : ''}${reason(answer)}`;

/** Such as `running, with deepgram`. */
export const transcriptionInWords = (answer: TranscriptionAnswer): string => {
  const { status, provider } = answer;
  return `${status}${provider === undefined ? '' : `, with ${provider}`}${reason(answer)}`;
};

/** Says which bot is there, and since when. */
export const dispatchInWords = ({ bot, dispatched }: Dispatched): string =>
  `${bot} ${dispatched ? 'has come' : 'is there already'}`;

/** Such as `caller: Thank you. (positive)`. */
export function eventInWords(event: CallEvent): string {
  switch (event.type) {
    case 'bot_joined':
      return `${event.bot} is in the room`;
    case 'bot_left':
      return `${event.bot} has left`;
    case 'playback':
      return `to ${event.target}: ${playbackInWords(event)}`;
    case 'transcription':
      return `transcription: ${transcriptionInWords(event)}`;
    case 'transcript': {
      const { participant, text, sentiment } = event.transcript;
      return `${participant.identity}: ${text} (${sentiment.label})`;
    }
    case 'ended':
      return `the watch has ended: ${event.reason}`;
  }
}
