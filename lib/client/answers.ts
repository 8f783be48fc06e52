import type { MediaErrorCode } from '../../operators/mediaError.js';
import type { Answer, Attributes, SttProvider } from '../../operators/types.js';

/** Why a command failed, or what became of it: `media.error` or `stt.error` in its two parts. */
export interface AnswerError {
  readonly code: MediaErrorCode;
  readonly text: string;
}

/** The bot's answer to a command of playback, as it stands on the target. */
export interface PlaybackAnswer {
  /** The command that is answered. */
  readonly id: string;
  readonly status: Answer['status'];
  readonly error?: AnswerError;
  /** Whether LiveKit has accepted the isolation of the target. */
  readonly held: boolean;
}

/** The bot's answer to a command of transcription, as it stands on the bot. */
export interface TranscriptionAnswer {
  readonly id: string;
  readonly status: 'running' | 'stopped' | 'failed';
  readonly error?: AnswerError;
  /** Who serves the language, while `running`. */
  readonly provider?: SttProvider;
}

/** The answer that a target's attributes hold; `undefined` where it was never commanded. */
export function playbackAnswer(attributes: Attributes): PlaybackAnswer | undefined {
  const { 'media.status': status, 'media.status_command_id': id } = attributes;
  if (!status || !id) return undefined;
  return {
    id,
    status: status as PlaybackAnswer['status'],
    ...answerError(attributes['media.error']),
    held: attributes['media.held'] === 'true',
  };
}

/** The answer that a bot's own attributes hold; `undefined` where there is none. */
export function transcriptionAnswer(attributes: Attributes): TranscriptionAnswer | undefined {
  const { 'stt.status': status, 'stt.status_command_id': id } = attributes;
  const { 'stt.provider': provider } = attributes;
  if (!status || !id) return undefined;
  return {
    id,
    status: status as TranscriptionAnswer['status'],
    ...answerError(attributes['stt.error']),
    ...(provider && { provider: provider as SttProvider }),
  };
}

/** A text may have colons of its own. */
function answerError(value = ''): { readonly error?: AnswerError } {
  const [, code, text = ''] = /^(\w+): (.*)$/s.exec(value) ?? [];
  return code === undefined ? {} : { error: { code: code as MediaErrorCode, text } };
}
