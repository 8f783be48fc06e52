import { concatSamples } from '../../demo/concatSamples.js';
import type { Hertz, PcmFrame, Samples } from '../../operators/types.js';

/** A frame of these very samples. */
export function frameOf(samples: ArrayLike<number>, sampleRate: Hertz = 48_000): PcmFrame {
  return { samples: Int16Array.from(samples), sampleRate };
}

/** A frame whose samples all have one value. */
export function flatFrame(value: number, length: Samples, sampleRate: Hertz = 48_000): PcmFrame {
  return { samples: new Int16Array(length).fill(value), sampleRate };
}

/** A sine that begins at its zero crossing. */
export function sineFrame(
  frequency: Hertz,
  length: Samples,
  sampleRate: Hertz = 48_000,
  peak = 10_000,
): PcmFrame {
  const samples = new Int16Array(length);
  return {
    samples: samples.map((_, i) =>
      Math.round(peak * Math.sin((2 * Math.PI * frequency * i) / sampleRate)),
    ),
    sampleRate,
  };
}

/** All samples of consecutive frames in one array. */
export function joinSamples(frames: readonly PcmFrame[]): Int16Array {
  return concatSamples(frames.map(({ samples }) => samples));
}
