import '../demo/participants/quietRtcNode.js';

import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';

import { mintToken, type ServerAccess, type TokenRequest } from '../demo/participants/mintToken.js';
import type { Phrase } from '../demo/providers/phrases/loadPhrases.js';
import { receivedTranscripts } from '../demo/participants/transcripts.js';

/** Somebody who talks without end. */
export interface Talk {
  /** The texts of all phrases that have been begun. */
  readonly said: readonly string[];
  /** What has been read of the speaker's own words. */
  readonly read: readonly string[];
  /** Ends in mid-speech, and leaves the room. */
  end(): Promise<void>;
}

const QUEUE_MS = 1_000;
/** Long frames and deaf ears: many who talk in one process shall not keep the machine busy. */
const FRAME_MS = 200;

/** Joins and says one phrase after the other, over and over again. All are of one sample rate. */
export async function talk(
  server: ServerAccess,
  request: TokenRequest,
  phrases: readonly Phrase[],
): Promise<Talk> {
  const room = new Room();
  const [said, read]: [string[], string[]] = [[], []];
  receivedTranscripts(room).subscribe({
    next: ({ packet }) => {
      if (packet.participant.identity === request.identity) read.push(packet.text);
    },
    error: (error: unknown) => console.error(error),
  });
  const token = await mintToken(server, request);
  await room.connect(server.url, token, { autoSubscribe: false, dynacast: false });
  const source = await publish(room, phrases[0]!.sampleRate);
  let talking = true;
  const over = goOn(source, phrases, said, () => talking);
  // Whoever ends it is told.
  over.catch(() => undefined);
  return {
    said,
    read,
    end: async () => {
      talking = false;
      await over;
      await room.disconnect();
      await source.close();
    },
  };
}

async function publish(room: Room, sampleRate: number): Promise<AudioSource> {
  const source = new AudioSource(sampleRate, 1, QUEUE_MS);
  const track = LocalAudioTrack.createAudioTrack('microphone', source);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: false });
  await room.localParticipant!.publishTrack(track, options);
  return source;
}

async function goOn(
  source: AudioSource,
  phrases: readonly Phrase[],
  said: string[],
  isTalking: () => boolean,
): Promise<void> {
  while (isTalking()) {
    const { text, samples, sampleRate } = phrases[said.length % phrases.length]!;
    said.push(text);
    const size = (FRAME_MS * sampleRate) / 1_000;
    for (let start = 0; isTalking() && start < samples.length; start += size) {
      const frame = new Int16Array(size);
      frame.set(samples.subarray(start, start + size));
      await source.captureFrame(new AudioFrame(frame, sampleRate, 1, size));
    }
  }
}
