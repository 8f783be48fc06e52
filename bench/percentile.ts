/**
 * The smallest of the values that so great a share of them does not exceed (nearest rank).
 *
 * @param share 0.5 for the median, 1 for the greatest.
 * @throws RangeError where there are no values, or the share is not over 0 and at most 1.
 */
export function percentile(values: readonly number[], share: number): number {
  if (!(share > 0 && share <= 1)) throw new RangeError(`not a share: ${share}`);
  const value = values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1];
  if (value === undefined) throw new RangeError('no values');
  return value;
}
