import type { Observable } from 'rxjs';

/** Subscribes and gives the array of what is emitted, which grows as time goes on. Throws errors. */
export function collect<T>(source: Observable<T>): T[] {
  const values: T[] = [];
  source.subscribe({
    next: (value) => values.push(value),
    error: (error: unknown) => {
      throw error;
    },
  });
  return values;
}
