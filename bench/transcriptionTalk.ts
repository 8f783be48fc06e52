import '../demo/participants/quietRtcNode.js';

import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';

import { now } from '../demo/participants/heardWindows.js';
import { mintToken, type ServerAccess, type TokenRequest } from '../demo/participants/mintToken.js';
import type { Phrase } from '../demo/providers/phrases/loadPhrases.js';
import { receivedTranscripts } from '../demo/participants/transcripts.js';

/** What was said, or was read of it. */
export interface Words {
  readonly text: string;
  /** When the speech began, in epoch milliseconds: as spoken, or as the transcript has it. */
  readonly startMs: number;
}

/** Somebody who talks without end. */
export interface Talk {
  readonly room: Room;
  /** All phrases that have been begun. */
  readonly said: readonly Words[];
  /** What has been read of the speaker's own words. */
  readonly read: readonly Words[];
  /** Says no more after the phrase that is being said, and stays to read. */
  hush(): Promise<void>;
  /** Ends in mid-speech, and leaves the room. */
  end(): Promise<void>;
}

const QUEUE_MS = 1_000;
/** Long frames and deaf ears: many who talk in one process shall not keep the machine busy. */
const FRAME_MS = 200;
/** In bit/s: so much that the encoder need not try hard. */
const BITRATE = 96_000n;

/** Joins and says one phrase after the other, over and over again. All are of one sample rate. */
export async function talk(
  server: ServerAccess,
  request: TokenRequest,
  phrases: readonly Phrase[],
): Promise<Talk> {
  const room = new Room();
  const [said, read]: [Words[], Words[]] = [[], []];
  receivedTranscripts(room).subscribe({
    next: ({ packet }) => {
      const { text, start_ms: startMs, participant } = packet;
      if (participant.identity === request.identity) read.push({ text, startMs });
    },
    error: (error: unknown) => console.error(error),
  });
  const token = await mintToken(server, request);
  await room.connect(server.url, token, { autoSubscribe: false, dynacast: false });
  const source = await publish(room, phrases[0]!.sampleRate);
  const [enough, cut] = [new AbortController(), new AbortController()];
  const over = goOn(source, phrases, said, enough.signal, cut.signal);
  // Whoever ends it is told.
  over.catch(() => undefined);
  return {
    room,
    said,
    read,
    hush: async () => {
      enough.abort();
      await over;
      await source.waitForPlayout();
    },
    end: async () => {
      enough.abort();
      cut.abort();
      await over;
      await room.disconnect();
      await source.close();
    },
  };
}

async function publish(room: Room, sampleRate: number): Promise<AudioSource> {
  const source = new AudioSource(sampleRate, 1, QUEUE_MS);
  const track = LocalAudioTrack.createAudioTrack('microphone', source);
  const options = new TrackPublishOptions({
    source: TrackSource.SOURCE_MICROPHONE,
    dtx: false,
    red: false,
    audioEncoding: { maxBitrate: BITRATE },
  });
  await room.localParticipant!.publishTrack(track, options);
  return source;
}

async function goOn(
  source: AudioSource,
  phrases: readonly Phrase[],
  said: Words[],
  enough: AbortSignal,
  cut: AbortSignal,
): Promise<void> {
  while (!enough.aborted) {
    const { text, samples, sampleRate, startMs } = phrases[said.length % phrases.length]!;
    said.push({ text, startMs: now() + source.queuedDuration + startMs });
    const size = (FRAME_MS * sampleRate) / 1_000;
    for (let start = 0; !cut.aborted && start < samples.length; start += size) {
      const frame = new Int16Array(size);
      frame.set(samples.subarray(start, start + size));
      await source.captureFrame(new AudioFrame(frame, sampleRate, 1, size));
    }
  }
}
