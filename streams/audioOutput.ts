import { AudioFrame, type AudioSource } from '@livekit/rtc-node';
import { fadeOut } from '../operators/fadeOut.js';
import type { AudioOutput, Milliseconds, Samples } from '../operators/types.js';

const SAMPLES_PER_MS: Samples = 48;
/** What the native source takes from its queue at a time; a frame must be a multiple of it. */
const TICK: Milliseconds = 10;
/** The answer of a busy machine may come so late that it is no longer true: then once more. */
const TRIES = 3;
/** Reported while nothing may be written: more than any lead, by as much as writers shall wait. */
const FULL: Milliseconds = 250;

const concatenate = (a: Int16Array, b: Int16Array): Int16Array => {
  const both = new Int16Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

/**
 * The writer of one native source (48 kHz mono s16): carries out one call after the other, and
 * goes on from the very sample that the listener would hear next when it fades out for a cut.
 *
 * The source plays 10 ms at a time and tells nobody when. But a write that exceeds its queue is
 * answered at a tick, when the queue is exactly full. So a cut writes a little more, waits for that
 * answer (20 ms at most), and then knows the source's position to the sample, with almost a tick
 * left in which to put the fade where the rest was.
 *
 * @param isOpen false while nothing may be written, as during a reconnection; `queued` is then large.
 * @param onUnderrun told, at the write that ends it, of a silence of 10 ms or more between two writes:
 *   what came in between came too late. What follows a cut or a reconnection is none.
 */
export function audioOutput(
  source: AudioSource,
  isOpen: () => boolean,
  onUnderrun: (silence: Milliseconds) => void = () => undefined,
): AudioOutput {
  const queueSize: Samples = source.queueSize * SAMPLES_PER_MS;
  /** What was handed over last: what a full queue holds. */
  let latest: Int16Array = new Int16Array();
  let pending: Milliseconds = 0;
  let cuts = 0;
  /** Cuts that are under way: what they will drop holds nobody up. */
  let cutting = 0;
  let last: Promise<void> = Promise.resolve();
  /** When the queue runs dry, unless more is written before; undefined where it may. */
  let dryAt: Milliseconds | undefined;

  const capture = (samples: Int16Array): Promise<void> => {
    latest = concatenate(latest, samples).slice(-queueSize);
    return source.captureFrame(new AudioFrame(samples, source.sampleRate, 1, samples.length));
  };

  const play = (samples: Int16Array): Promise<void> => {
    const now = performance.now();
    if (dryAt !== undefined && now - dryAt >= TICK) onUnderrun(now - dryAt);
    const captured = capture(samples);
    dryAt = now + source.queuedDuration;
    return captured;
  };

  /** Resolves right after a tick, with as much in the queue as `latest` holds. */
  const fillUp = async (): Promise<void> => {
    for (let tries = 0; tries < TRIES; tries++) {
      // The SDK's figure runs steadily: the queue holds so many whole ticks, or one more.
      const ticks = Math.floor(source.queuedDuration / TICK);
      await capture(new Int16Array(queueSize - (ticks - 1) * TICK * SAMPLES_PER_MS));
      if (source.queuedDuration > source.queueSize - TICK) return;
    }
  };

  const write = async (samples: Int16Array, before: Promise<void>) => {
    const [duration, during] = [samples.length / SAMPLES_PER_MS, cuts];
    pending += duration;
    await before;
    pending -= duration;
    if (cuts === during && !source.closed) await play(samples);
  };

  const cut = async (before: Promise<void>) => {
    cuts += 1;
    await before;
    dryAt = undefined;
    if (source.closed || source.queuedDuration === 0) return;
    await fillUp();
    const fade = fadeOut(latest);
    source.clearQueue();
    await capture(fade);
  };

  const settled = (call: Promise<void>): Promise<void> => {
    last = call.catch(() => undefined);
    return call;
  };
  const queued = (): Milliseconds => {
    if (isOpen()) return (cutting > 0 ? 0 : source.queuedDuration) + pending;
    dryAt = undefined;
    return FULL;
  };
  return {
    queued,
    write: ({ samples }) => settled(write(samples, last)),
    cut: () => {
      cutting += 1;
      return settled(cut(last).finally(() => (cutting -= 1)));
    },
  };
}
