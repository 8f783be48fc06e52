import { concat, filter, map, of, type OperatorFunction, pairwise } from 'rxjs';

/** A value, and whether it is the last one of its stream. */
export interface Positioned<T> {
  readonly value: T;
  readonly isLast: boolean;
}

/**
 * Tells the last value from those before it, each of which waits for its successor.
 *
 *     source  -a---b---c-|
 *     result  -----a---b-(C|)      C: the last
 */
export function withLast<T>(): OperatorFunction<T, Positioned<T>> {
  return (source) =>
    concat(source.pipe(map((value) => ({ value }))), of(undefined)).pipe(
      pairwise(),
      // Only the end is no value, and no pair begins with it.
      filter((pair): pair is [{ value: T }, { value: T } | undefined] => pair[0] !== undefined),
      map(([{ value }, next]) => ({ value, isLast: next === undefined })),
    );
}
