import { randomUUID } from 'node:crypto';
import { ReplaySubject } from 'rxjs';
import type { Hertz, PcmFrame, Samples, Utterance, UtteranceEnd } from '../../operators/types.js';

/** Somebody who is speaking: what is said is heard at once, and again by everyone who comes later. */
export interface Speaker {
  readonly utterance: Utterance;
  /** Says 16 kHz mono samples, in frames of 20 ms. */
  readonly say: (samples: Int16Array) => void;
  /** Falls silent: the utterance is over. */
  readonly pause: () => void;
}

const SAMPLE_RATE: Hertz = 16_000;
const FRAME: Samples = 320;
/** Any moment will do. */
const START_MS = 1_700_000_000_000;

/** Begins an utterance that goes on until it is ended. */
export function startSpeaking(): Speaker {
  const audio = new ReplaySubject<PcmFrame>(Infinity);
  const end = new ReplaySubject<UtteranceEnd>(1);
  let spoken: Samples = 0;
  return {
    utterance: { id: randomUUID(), startMs: START_MS, audio, end },
    say: (samples) => {
      for (let at = 0; at < samples.length; at += FRAME) {
        audio.next({ samples: samples.slice(at, at + FRAME), sampleRate: SAMPLE_RATE });
      }
      spoken += samples.length;
    },
    pause: () => {
      end.next({ endMs: START_MS + (1000 * spoken) / SAMPLE_RATE, by: 'pause' });
      end.complete();
      audio.complete();
    },
  };
}

/** An utterance that is over: 16 kHz mono samples, in frames of 20 ms. */
export function spokenUtterance(samples: Int16Array): Utterance {
  const { utterance, say, pause } = startSpeaking();
  say(samples);
  pause();
  return utterance;
}
