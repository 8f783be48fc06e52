import {
  AsyncSubject,
  defer,
  delayWhen,
  EMPTY,
  ignoreElements,
  merge,
  mergeMap,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  type OperatorFunction,
  queueScheduler,
  repeat,
  scheduled,
  tap,
} from 'rxjs';

/** What may wait, and what becomes of the rest. */
export interface BoundedOptions<T> {
  /** How much may wait for its turn, in the unit of `weigh`; 0: nothing. */
  readonly capacity: number;
  /** What an item that waits counts: 1 (default). Asked anew at each arrival: it may have grown. */
  readonly weigh?: (item: T) => number;
  /** Who goes when more than `capacity` waits: those that have waited longest, or the newcomer. */
  readonly overflow: 'dropOldest' | 'dropNewest';
  /** Told of each item that is dropped. */
  readonly onDropped: (item: T) => void;
  /** How many projects run at once: 1 (default). */
  readonly concurrency?: number;
}

/**
 * Like `concatMap`, results in the order of the source, but with an end to what waits and, if so
 * wanted, with a few projects running at once.
 *
 *     source  abc-----------|       concurrency 2
 *     a       ----1---2|
 *     b        --3-4|               held back until a has completed
 *     c                ----5-|      waits for a place: b keeps its own until its turn
 *     result  ----1---2(34)5-|
 *
 * An item is projected at once where a place is free, whatever its weight; it gives its place back
 * when it and all before it have completed. So no more than `concurrency` items hold results back,
 * and one that runs is never dropped: only those that wait are, even a newcomer that alone exceeds
 * `capacity`. Completes with the last of its projects. Errors: those of the source and of a
 * project, at once, and what a callback throws.
 */
export function concatMapBounded<T, R>(
  project: (item: T) => Observable<R>,
  { capacity, weigh = () => 1, overflow, onDropped, concurrency = 1 }: BoundedOptions<T>,
): OperatorFunction<T, R> {
  return (source) =>
    defer(() => {
      const waiting: T[] = [];
      let running = 0;
      const inTurn = createTurns<R>();

      function bound(): void {
        const weight = () => waiting.reduce((sum, item) => sum + weigh(item), 0);
        while (waiting.length > 0 && weight() > capacity) {
          const dropped = overflow === 'dropOldest' ? waiting.shift() : waiting.pop();
          onDropped(dropped as T);
        }
      }
      const next = defer(() => inTurn(project(waiting.shift() as T)));
      const goOn = () => {
        // By the queue: one that answers at once would be projected within the one before it.
        if (waiting.length > 0) return scheduled([undefined], queueScheduler);
        running -= 1;
        return EMPTY;
      };
      const runWhatWaits = next.pipe(repeat({ delay: goOn }));

      return source.pipe(
        mergeMap((item) => {
          waiting.push(item);
          if (running === concurrency) {
            bound();
            return EMPTY;
          }
          running += 1;
          return runWhatWaits;
        }),
      );
    });
}

/** Runs what it is given at once, and lets its results out when all before it have completed. */
function createTurns<R>(): MonoTypeOperatorFunction<R> {
  let turn: Observable<unknown> = of(undefined);
  return (results) => {
    const [before, done] = [turn, new AsyncSubject<void>()];
    turn = done;
    const complete = () => {
      done.next();
      done.complete();
    };
    const inOrder = results.pipe(delayWhen(() => before));
    return merge(inOrder, before.pipe(ignoreElements())).pipe(tap({ complete }));
  };
}
