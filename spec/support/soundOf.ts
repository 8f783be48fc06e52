/** Quieter than that is Opus' own noise: -72 dBFS. */
const SILENT = 8;

/** A recording without the silence before its first and after its last sound. */
export function soundOf(samples: Int16Array): Int16Array {
  const isSound = (sample: number) => Math.abs(sample) > SILENT;
  return samples.slice(samples.findIndex(isSound), samples.findLastIndex(isSound) + 1);
}
