import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import type { Speech } from '../../demo/participants/mouth.js';

/** Somebody's voice, which a process that is busy elsewhere does not break. */
export interface PatientVoice {
  /** Says it once what was to be said before is said; resolves when it is. */
  readonly say: (speech: Speech) => Promise<void>;
  /** Resolves when somebody has begun to listen: what is said before is heard by nobody. */
  readonly heard: () => Promise<void>;
}

const SAMPLE_RATE = 16_000;
/** More than any of the phrases of the demo: each is handed over as a whole. */
const QUEUE_MS = 10_000;
/** Silence around what is said, or a codec would make a click of it. */
const MARGIN_MS = 300;

/** Publishes the microphone of a participant who makes no sound otherwise. */
export async function publishVoice({ room }: DemoParticipant): Promise<PatientVoice> {
  const source = new AudioSource(SAMPLE_RATE, 1, QUEUE_MS);
  const track = LocalAudioTrack.createAudioTrack('microphone', source);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: false });
  const publication = await room.localParticipant!.publishTrack(track, options);
  return {
    heard: () => publication.waitForSubscription(),
    say: async ({ samples }) => {
      const margin = (MARGIN_MS * SAMPLE_RATE) / 1_000;
      const padded = new Int16Array(samples.length + 2 * margin);
      padded.set(samples, margin);
      await source.captureFrame(new AudioFrame(padded, SAMPLE_RATE, 1, padded.length));
      await source.waitForPlayout();
    },
  };
}
