/** How much memory there was, and when. */
export interface Sample {
  readonly minute: number;
  readonly mebibytes: number;
}

/**
 * How fast memory grows, in mebibytes a minute: the line through the samples that fits best.
 * What is collected as garbage from time to time leaves it level.
 *
 * @throws RangeError where the samples are not of two moments at least.
 */
export function slopePerMinute(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [minute, mebibytes] = [mean((of) => of.minute), mean((of) => of.mebibytes)];
  const spread = mean((of) => (of.minute - minute) ** 2);
  if (!(spread > 0)) throw new RangeError('no two moments');
  return mean((of) => (of.minute - minute) * (of.mebibytes - mebibytes)) / spread;
}
