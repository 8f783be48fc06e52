import { AudioFrame, AudioResampler, AudioResamplerQuality } from '@livekit/rtc-node';
import { concatSamples } from '../concatSamples.js';

/** -12 dBFS peak: about as loud as a person speaking up. */
const AMPLITUDE = 8_192;

/** Something to say. */
export interface Speech {
  /** Mono. */
  readonly samples: Int16Array;
  readonly sampleRate: number;
  /** Where the speech itself begins and ends within the samples, in milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
}

/** When speech left the microphone, in epoch milliseconds as of `now()`. */
export interface Spoken {
  readonly startMs: number;
  readonly endMs: number;
}

/** What a microphone sends: a tone, or what is said over it. */
export interface Mouth {
  readonly whistle: (hz: number) => void;
  /** One after the other; each resolves when the last of it has been handed out. */
  readonly say: (speech: Speech) => Promise<Spoken>;
  /** Whether anything is being said or waits to be. */
  readonly isSpeaking: () => boolean;
  /** The next samples, and when the first of them will leave, in epoch milliseconds. */
  readonly next: (count: number, leavesAt: number) => Int16Array;
  /** Cuts off everything that is being said or waits to be. */
  readonly shut: (at: number) => void;
}

interface Utterance {
  readonly speech: Speech;
  /** At the microphone's own rate. */
  readonly samples: Int16Array;
  readonly resolve: (spoken: Spoken) => void;
  position: number;
  startMs: number | undefined;
  endMs: number | undefined;
}

/** A mouth that is silent at first. */
export function createMouth(sampleRate: number): Mouth {
  const tone = { hz: 0, phase: 0 };
  const utterances: Utterance[] = [];
  return {
    whistle: (hz) => void (tone.hz = hz),
    say: (speech) =>
      new Promise((resolve) => {
        const samples = resampled(speech, sampleRate);
        const times = { startMs: undefined, endMs: undefined };
        utterances.push({ speech, samples, resolve, position: 0, ...times });
      }),
    isSpeaking: () => utterances.length > 0,
    next: (count, leavesAt) => {
      const [utterance] = utterances;
      if (!utterance) return whistled(tone, count, sampleRate);
      const samples = spoken(utterance, count, leavesAt, sampleRate);
      if (utterance.position >= utterance.samples.length) finish(utterances.shift()!, leavesAt);
      return samples;
    },
    shut: (at) => utterances.splice(0).forEach((utterance) => finish(utterance, at)),
  };
}

/** The moments are taken where they pass, for a frame that came late shifts all behind it. */
function spoken(said: Utterance, count: number, leavesAt: number, rate: number): Int16Array {
  const atMs = (said.position * 1_000) / rate;
  const untilMs = ((said.position + count) * 1_000) / rate;
  const { startMs, endMs } = said.speech;
  if (untilMs > startMs) said.startMs ??= leavesAt + startMs - atMs;
  if (untilMs >= endMs) said.endMs ??= leavesAt + endMs - atMs;
  const samples = new Int16Array(count);
  samples.set(said.samples.subarray(said.position, said.position + count));
  said.position += count;
  return samples;
}

function finish({ resolve, startMs, endMs }: Utterance, at: number): void {
  resolve({ startMs: startMs ?? at, endMs: endMs ?? at });
}

function whistled(tone: { hz: number; phase: number }, count: number, rate: number): Int16Array {
  const step = (2 * Math.PI * tone.hz) / rate;
  const amplitude = tone.hz === 0 ? 0 : AMPLITUDE;
  const start = tone.phase;
  tone.phase = (start + step * count) % (2 * Math.PI);
  return Int16Array.from({ length: count }, (_, n) => amplitude * Math.sin(start + step * n));
}

function resampled({ samples, sampleRate }: Speech, rate: number): Int16Array {
  if (sampleRate === rate) return samples;
  const resampler = new AudioResampler(sampleRate, rate, 1, AudioResamplerQuality.HIGH);
  const frame = new AudioFrame(samples.slice(), sampleRate, 1, samples.length);
  const frames = [...resampler.push(frame), ...resampler.flush()];
  resampler.close();
  return concatSamples(frames.map(({ data }) => data));
}
