import { AudioFrame } from '@livekit/rtc-node';
import { concat, concatMap, defer, finalize, from, mergeMap, tap } from 'rxjs';
import { reframe } from '../../operators/reframe.js';
import type { DetectSpeech, Hertz, PcmFrame, Samples, SpeechFrame } from '../../operators/types.js';

const SAMPLE_RATE: Hertz = 16_000;
/** What the model looks at: 32 ms. */
const WINDOW: Samples = 512;
/** How much may wait for the model, which takes up to two seconds to load and a millisecond to answer. */
const MOST_WAITING: Samples = 10 * SAMPLE_RATE;

/** Judges the consecutive windows of one voice. Closed once. */
interface SpeechModel {
  /** How likely somebody speaks in it: over 0, to 1. One at a time. */
  readonly judge: (window: PcmFrame) => Promise<number>;
  readonly close: () => void;
}

/**
 * Silero's voice detection, as it comes with `@livekit/agents`, whose licence wants it to be used
 * through that framework. Takes 0.7 % of a core per voice, most of it in other threads.
 *
 * A frame's probability is the highest of the windows of 32 ms that are complete since the frame
 * before it, up to the one in which it ends, for which it is held back. Frames that end in no
 * complete window, at the very end, take over the probability before them.
 *
 * Errors: a RangeError on a frame that is not at 16 kHz; an Error when the model cannot be loaded,
 * or falls behind by 10 s.
 *
 * @param open the model; a parameter for specs alone.
 * @see `loadVoiceDetection`, which otherwise happens at the first subscription.
 */
export function createDetectSpeech(open: () => Promise<SpeechModel> = openSilero): DetectSpeech {
  return (frames$) =>
    defer(() => {
      const model = open();
      // A failure is for the first window; until then nobody handles it.
      model.catch(() => undefined);
      const match = new FrameMatcher();
      return concat(
        frames$.pipe(
          tap((frame) => match.admit(frame)),
          reframe(WINDOW, { pad: false }),
          concatMap((window) => from(model).pipe(mergeMap(({ judge }) => judge(window)))),
          concatMap((probability) => match.settle(probability)),
        ),
        defer(() => match.rest()),
      ).pipe(finalize(() => void model.then(({ close }) => close()).catch(() => undefined)));
    });
}

/** Which frames a window's judgement decides about. */
class FrameMatcher {
  private readonly waiting: { readonly frame: PcmFrame; readonly end: Samples }[] = [];
  private heard: Samples = 0;
  private judged: Samples = 0;
  /** Of the windows since the frame that was settled last; and of the latest one. */
  private highest = 0;
  private latest = 0;

  admit(frame: PcmFrame): void {
    if (frame.sampleRate !== SAMPLE_RATE) throw new RangeError(`a voice at ${frame.sampleRate} Hz`);
    this.heard += frame.samples.length;
    this.waiting.push({ frame, end: this.heard });
    if (this.heard - this.judged > MOST_WAITING) throw new Error('voice detection falls behind');
  }

  settle(probability: number): SpeechFrame[] {
    this.judged += WINDOW;
    this.latest = probability;
    this.highest = Math.max(this.highest, probability);
    const undecided = this.waiting.findIndex(({ end }) => end > this.judged);
    return this.take(undecided < 0 ? this.waiting.length : undecided);
  }

  rest(): SpeechFrame[] {
    this.highest = this.latest;
    return this.take(this.waiting.length);
  }

  private take(count: number): SpeechFrame[] {
    const probability = this.highest;
    if (count > 0) this.highest = 0;
    return this.waiting.splice(0, count).map(({ frame }) => ({ frame, probability }));
  }
}

/**
 * What the framework itself loads, as far as that takes long. All at once it keeps the process
 * busy for 250 ms, which who is played to by a bot that loads it in mid-call would hear as a gap; one
 * after the other, 80 ms at the most.
 */
const PARTS = [
  '@opentelemetry/core',
  '@opentelemetry/exporter-logs-otlp-proto',
  '@opentelemetry/exporter-metrics-otlp-proto',
  '@opentelemetry/sdk-logs',
  '@opentelemetry/sdk-trace-node',
  'sharp',
  'openai',
  'ofetch',
  'form-data',
];

type Framework = typeof import('@livekit/agents');
let framework: Promise<Framework> | undefined;

/**
 * Loads what voice detection needs, so that the first voice need not wait for it: some 30 MiB,
 * and half a second of the process, 80 ms at a time. Further calls cost nothing.
 */
export function loadVoiceDetection(): Promise<Framework> {
  return (framework ??= load());
}

async function load(): Promise<Framework> {
  // One that is not found here is loaded with the framework.
  for (const part of PARTS) await import(part).catch(() => undefined);
  const agents = await import('@livekit/agents');
  // Its parts refuse to work without; what they would say of a failure, an error says here.
  if (!agents.loggerOptions()) agents.initializeLogger({ pretty: false, level: 'silent' });
  return agents;
}

async function openSilero(): Promise<SpeechModel> {
  const { inference, VADEventType } = await loadVoiceDetection();
  // Where speech begins and ends is decided elsewhere: here nothing is ever likely enough.
  const never = { activationThreshold: 2, deactivationThreshold: 2 };
  const vad = new inference.VAD({ ...never, prefixPaddingDuration: 0, maxBufferedSpeech: 32 });
  const stream = vad.stream();

  async function judge({ samples, sampleRate }: PcmFrame): Promise<number> {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- a stream would have to be fed the same way
    stream.pushFrame(new AudioFrame(samples, sampleRate, 1, samples.length));
    for await (const { type, probability } of stream) {
      if (type !== VADEventType.INFERENCE_DONE) continue;
      // The framework goes on without its native part, and then never hears anybody.
      if (probability === 0) throw new Error('the model of voice detection cannot be loaded');
      return probability;
    }
    throw new Error('voice detection was closed');
  }
  return { judge, close: () => stream.close() };
}
