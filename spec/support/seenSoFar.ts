import type { Observable } from 'rxjs';

/** What a stream shows at once to somebody who subscribes now, whether it fails later or not. */
export function seenSoFar<T>(source: Observable<T>): readonly T[] {
  const seen: T[] = [];
  source
    .subscribe({
      next: (value) => seen.push(value),
      error: () => undefined,
    })
    .unsubscribe();
  return seen;
}
