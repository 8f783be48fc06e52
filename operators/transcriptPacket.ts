import type { Sentiment, Transcript } from './types.js';

/** Who has said something, and on which track. */
export interface Speaker {
  readonly identity: string;
  readonly name: string;
  /** Kind of participant as LiveKit names it: `SIP`. */
  readonly kind: string;
  readonly trackSid: string;
}

/** A transcript with everything that is published of it. */
export interface SpokenTranscript extends Transcript {
  readonly sentiment: Sentiment;
  readonly speaker: Speaker;
  /** `stt.command_id` of the command in force when it began to be said. */
  readonly commandId: string;
  /** Whether the speaker was on hold. */
  readonly held: boolean;
}

/** Where a transcript was made. */
export interface TranscriptSession {
  /** The bot's participant SID. */
  readonly session: string;
  readonly room: string;
}

/**
 * The data packet of a final utterance, version 1: a change here is a change of the contract.
 *
 * @param seq counts up by one per session.
 * @see contract, "Transcription".
 */
export function transcriptPacket(
  transcript: SpokenTranscript,
  { session, room }: TranscriptSession,
  seq: number,
) {
  const { speaker } = transcript;
  return {
    type: 'FINAL_TRANSCRIPT',
    version: 1,
    id: transcript.id,
    session,
    seq,
    room,
    command_id: transcript.commandId,
    participant: { identity: speaker.identity, name: speaker.name, kind: speaker.kind },
    track_sid: speaker.trackSid,
    held: transcript.held,
    text: transcript.text,
    language: transcript.language ?? null,
    provider: transcript.provider,
    model: transcript.model,
    confidence: transcript.confidence ?? null,
    start_ms: Math.round(transcript.startMs),
    end_ms: Math.round(transcript.endMs),
    sentiment: transcript.sentiment,
  } as const;
}
