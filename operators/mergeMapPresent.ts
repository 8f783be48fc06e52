import {
  connect,
  filter,
  mergeMap,
  type Observable,
  type OperatorFunction,
  pairwise,
  startWith,
  takeUntil,
} from 'rxjs';

/**
 * Runs one stream for each key for as long as the key is in the newest list.
 *
 *     source   [a]----[a,b]----[b]-----[]--
 *     a        --1--2--3--4----!
 *     b               --7--8--9--7-----!
 *     result   --1--2--3-74-8--9--7--------
 *
 * A key that comes back gets a new stream. A source that completes takes no stream with it; an
 * error of any stream is the result's.
 */
export function mergeMapPresent<K, R>(
  project: (key: K) => Observable<R>,
): OperatorFunction<readonly K[], R> {
  return connect((lists) =>
    lists.pipe(
      startWith<readonly K[]>([]),
      pairwise(),
      mergeMap(([before, now]) => now.filter((key) => !before.includes(key))),
      mergeMap((key) => project(key).pipe(takeUntil(gone(lists, key)))),
    ),
  );
}

const gone = <K>(lists: Observable<readonly K[]>, key: K): Observable<unknown> =>
  lists.pipe(filter((list) => !list.includes(key)));
