import type { transcriptPacket } from '../../operators/transcriptPacket.js';
import type { PlaybackAnswer, TranscriptionAnswer } from './answers.js';

/** The data packet of a final utterance. */
export type TranscriptPacket = ReturnType<typeof transcriptPacket>;

/** Something that happens in a call, as it is told to who watches it. */
export type CallEvent =
  /** A bot is in the room: as the watch begins, or since now. */
  | { readonly type: 'bot_joined'; readonly bot: string }
  | { readonly type: 'bot_left'; readonly bot: string }
  /** What a bot answers to a target, where that has changed. */
  | ({ readonly type: 'playback'; readonly target: string } & PlaybackAnswer)
  /** What a bot answers of transcription, where that has changed. */
  | ({ readonly type: 'transcription'; readonly bot: string } & TranscriptionAnswer)
  | { readonly type: 'transcript'; readonly bot: string; readonly transcript: TranscriptPacket }
  /** The watch has ended by itself: `ROOM_DELETED`, or another reason of LiveKit's. */
  | { readonly type: 'ended'; readonly reason: string };
