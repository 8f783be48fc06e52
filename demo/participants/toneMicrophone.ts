import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';

const SAMPLE_RATE = 48_000;
const FRAME = 960;
const QUEUE_MS = 100;
/** -12 dBFS peak: about as loud as a person speaking up. */
const AMPLITUDE = 8_192;

/** A microphone into which one tone is whistled at a time. */
export interface ToneMicrophone {
  /** SID of the published track. */
  readonly sid: string;
  /** Sends this tone from now on; 0 is silence. Heard after the 100 ms that are queued. */
  play(hz: number): void;
  /**
   * Ends the sound, then withdraws the track by unpublishing it or by leaving the room, then frees
   * the source: rtc-node wants them in this order.
   */
  close(withdraw: (sid: string) => Promise<unknown>): Promise<void>;
}

/** Publishes a microphone that is silent at first. */
export async function publishMicrophone(room: Room): Promise<ToneMicrophone> {
  const source = new AudioSource(SAMPLE_RATE, 1, QUEUE_MS);
  const track = LocalAudioTrack.createAudioTrack('microphone', source);
  // Without DTX the encoder sends silence too: the listener's clock never stops.
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: false });
  const publication = await room.localParticipant!.publishTrack(track, options);
  const tone = { hz: 0, phase: 0, open: true };
  const pumped = pump(source, tone);
  return {
    get sid() {
      return publication.sid!;
    },
    play: (hz) => void (tone.hz = hz),
    close: async (withdraw) => {
      tone.open = false;
      await pumped;
      await withdraw(publication.sid!);
      await source.close();
    },
  };
}

interface Tone {
  hz: number;
  phase: number;
  open: boolean;
}

/** Capturing waits while the queue is full, which is what keeps the time. */
async function pump(source: AudioSource, tone: Tone): Promise<void> {
  while (tone.open) {
    await source.captureFrame(new AudioFrame(nextSamples(tone), SAMPLE_RATE, 1, FRAME));
  }
}

function nextSamples(tone: Tone): Int16Array {
  const step = (2 * Math.PI * tone.hz) / SAMPLE_RATE;
  const amplitude = tone.hz === 0 ? 0 : AMPLITUDE;
  const start = tone.phase;
  tone.phase = (start + step * FRAME) % (2 * Math.PI);
  return Int16Array.from({ length: FRAME }, (_, n) => amplitude * Math.sin(start + step * n));
}
