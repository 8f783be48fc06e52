import { setTimeout as sleep } from 'node:timers/promises';

import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';

import { now } from './heardWindows.js';
import { createMouth, type Mouth, type Speech, type Spoken } from './mouth.js';

const SAMPLE_RATE = 48_000;
/** 20 ms. */
const FRAME = 960;
/** Of tones and silence: a change is heard after that. */
const LEAD_MS = 100;
/** Of speech, which must not have gaps while this process is busy elsewhere. */
const SPEECH_LEAD_MS = 1_000;
const PACE_MS = 10;

/** A microphone into which one tone is whistled, or one phrase is said, at a time. */
export interface Microphone {
  /** SID of the published track. */
  readonly sid: string;
  /** Sends this tone from now on; 0 is silence. Heard after the 100 ms that are queued. */
  play(hz: number): void;
  /**
   * Says this once what was to be said before is said; the tone is silent meanwhile. Resolves with
   * when it left the microphone, which is also when it was cut off, if it was.
   */
  say(speech: Speech): Promise<Spoken>;
  /**
   * Ends the sound, then withdraws the track by unpublishing it or by leaving the room, then frees
   * the source: rtc-node wants them in this order.
   */
  close(withdraw: (sid: string) => Promise<unknown>): Promise<void>;
}

/** Publishes a microphone that is silent at first. */
export async function publishMicrophone(room: Room): Promise<Microphone> {
  const source = new AudioSource(SAMPLE_RATE, 1, SPEECH_LEAD_MS);
  const track = LocalAudioTrack.createAudioTrack('microphone', source);
  // Without DTX the encoder sends silence too: the listener's clock never stops.
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: false });
  const publication = await room.localParticipant!.publishTrack(track, options);
  const mouth = createMouth(SAMPLE_RATE);
  const closing = new AbortController();
  const pumped = pump(source, mouth, closing.signal);
  return {
    get sid() {
      return publication.sid!;
    },
    play: mouth.whistle,
    say: async (speech) => {
      const { startMs, endMs } = await mouth.say(speech);
      await elapsed(endMs - now(), closing.signal);
      const end = closing.signal.aborted ? now() : Infinity;
      return { startMs: Math.min(startMs, end), endMs: Math.min(endMs, end) };
    },
    close: async (withdraw) => {
      closing.abort();
      await pumped;
      mouth.shut(now());
      await withdraw(publication.sid!);
      await source.close();
    },
  };
}

/** As much is queued as is needed, and no more. */
async function pump(source: AudioSource, mouth: Mouth, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    const lead = mouth.isSpeaking() ? SPEECH_LEAD_MS : LEAD_MS;
    if (source.queuedDuration >= lead) await elapsed(PACE_MS, closing);
    else {
      const samples = mouth.next(FRAME, now() + source.queuedDuration);
      await source.captureFrame(new AudioFrame(samples, SAMPLE_RATE, 1, FRAME));
    }
  }
}

/** Resolves after so many milliseconds, or as soon as it is closed. */
async function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(ms, 0), undefined, { signal }).catch(() => undefined);
}
