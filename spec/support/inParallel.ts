import { from, mergeMap, filter, ReplaySubject, type Subscription } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';

interface Outcome<T> {
  readonly item: T;
  readonly failure: { readonly error: Error } | undefined;
}

/**
 * Tries every item around the specs of the enclosing `describe`, so many at a time and in order; call
 * the result in the spec of an item: it resolves, or rejects, as that item's trial does.
 *
 * @param within for all of them together, in milliseconds.
 */
export function inParallel<T>(
  items: readonly T[],
  { atATime, within }: { readonly atATime: number; readonly within: number },
  attempt: (item: T) => Promise<void>,
): (item: T) => Promise<void> {
  const outcomes = new ReplaySubject<Outcome<T>>(Infinity);
  let trials: Subscription | undefined;
  before(() => {
    const settled = async (item: T): Promise<Outcome<T>> => {
      const failure = await attempt(item).then(
        () => undefined,
        (error: unknown) => ({ error: error as Error }),
      );
      return { item, failure };
    };
    trials = from(items).pipe(mergeMap(settled, atATime)).subscribe(outcomes);
  });
  after(() => trials?.unsubscribe());
  return async (item) => {
    const its = outcomes.pipe(filter((outcome) => outcome.item === item));
    const { failure } = await firstWithin(its, within, 'the outcome');
    if (failure) throw failure.error;
  };
}
