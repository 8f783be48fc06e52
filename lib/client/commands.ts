import type { Attributes, LanguageTag } from '../../operators/types.js';

/** What a target is to hear. */
export interface PlayRequest {
  /** Address of an MP3, HTTPS. */
  readonly url: string;
  /** `true` puts the target on hold; `false` when missing. */
  readonly loop?: boolean;
  /** What becomes of the room when it has drained; `close` when missing. */
  readonly onEnd?: 'close' | 'keep';
}

/** Whether people are to be transcribed, and in which language they speak. */
export interface TranscribeRequest {
  readonly enabled: boolean;
  /** BCP 47; to be detected when missing. */
  readonly language?: LanguageTag;
}

/** LiveKit deletes a key that is set to this. */
const ABSENT = '';

/** The attributes of a `play`, to be written on the target in one call. */
export function playAttributes(id: string, request: PlayRequest): Attributes {
  const { url, loop = false, onEnd = ABSENT } = request;
  return {
    'media.command': 'play',
    'media.asset_url': url,
    'media.loop': String(loop),
    'media.on_end': onEnd,
    'media.command_id': id,
  };
}

/** The attributes of a `stop`, which deletes what the command before left behind. */
export function stopAttributes(id: string): Attributes {
  return {
    'media.command': 'stop',
    'media.asset_url': ABSENT,
    'media.loop': ABSENT,
    'media.on_end': ABSENT,
    'media.command_id': id,
  };
}

/** The attributes that command transcription, to be written on the bot in one call. */
export function transcribeAttributes(id: string, request: TranscribeRequest): Attributes {
  const { enabled, language = ABSENT } = request;
  return {
    'stt.enabled': String(enabled),
    'stt.language': language,
    'stt.command_id': id,
  };
}
