import { defer, map, type MonoTypeOperatorFunction } from 'rxjs';
import type { Milliseconds, PcmFrame, Samples } from './types.js';

/**
 * Lets a signal begin softly: its first milliseconds rise along a quarter sine, from silence.
 *
 *     source  --a---b---c---        10 ms each
 *     result  --A---B---c---        duration 20 ms: A and B are ramped, c is untouched
 *
 * The sine is the equal-power counterpart of `fadeOut`'s cosine: one over the other keeps the
 * loudness of unrelated signals level.
 */
export function fadeIn(duration: Milliseconds = 20): MonoTypeOperatorFunction<PcmFrame> {
  return (source) =>
    defer(() => {
      let position: Samples = 0;
      return source.pipe(
        map((frame) => {
          const start = position;
          position += frame.samples.length;
          const length = Math.round((frame.sampleRate * duration) / 1000);
          return start < length ? { ...frame, samples: rise(frame.samples, start, length) } : frame;
        }),
      );
    });
}

function rise(samples: Int16Array, start: Samples, length: Samples): Int16Array {
  return samples.map((sample, i) =>
    start + i < length
      ? Math.round(sample * Math.sin(((start + i) / length) * (Math.PI / 2)))
      : sample,
  );
}
