import { concat, concatMap, defer, type MonoTypeOperatorFunction } from 'rxjs';
import type { PcmFrame, Samples } from './types.js';

/** 10 ms at 48 kHz: what an audio track wants its frames to be a multiple of. */
const PAD_TO: Samples = 480;

/** What becomes of the rest when the signal ends within a frame. */
export interface ReframeOptions {
  /** `true` (default): zeros fill it up to a multiple of 10 ms at 48 kHz. `false`: it is dropped. */
  readonly pad?: boolean;
}

/**
 * Cuts a signal into frames of one length, across the borders of the frames it came in.
 *
 *     source  --a-----b-----|          441 samples, 960 samples
 *     result  --------AB----(C|)       AB 960; C the remaining 441 and 39 zeros
 *
 * Every frame owns its buffer, and the incoming ones are only read. The last frame may be shorter
 * than the others. The sample rate is that of the signal's latest frame.
 */
export function reframe(
  samplesPerFrame: Samples,
  { pad = true }: ReframeOptions = {},
): MonoTypeOperatorFunction<PcmFrame> {
  return (source) =>
    defer(() => {
      let open = new Int16Array(samplesPerFrame);
      let filled: Samples = 0;
      let sampleRate = 0;

      function* cut(frame: PcmFrame): Generator<PcmFrame> {
        sampleRate = frame.sampleRate;
        for (let start = 0; start < frame.samples.length;) {
          const part = frame.samples.subarray(start, start + samplesPerFrame - filled);
          open.set(part, filled);
          start += part.length;
          filled += part.length;
          if (filled < samplesPerFrame) return;
          yield { samples: open, sampleRate };
          [open, filled] = [new Int16Array(samplesPerFrame), 0];
        }
      }
      const rest = defer(() => {
        const length = Math.ceil(filled / PAD_TO) * PAD_TO;
        return pad && filled > 0 ? [{ samples: fit(open, length), sampleRate }] : [];
      });
      return concat(source.pipe(concatMap(cut)), rest);
    });
}

function fit(samples: Int16Array, length: Samples): Int16Array {
  const fitted = new Int16Array(length);
  fitted.set(samples.subarray(0, length));
  return fitted;
}
