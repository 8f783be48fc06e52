import { type Observable, take, throwIfEmpty, timeout } from 'rxjs';

/**
 * Resolves with a stream's first value.
 *
 * @param what is waited for, as the message of the error shall name it.
 * @throws Error when the value does not come within so many milliseconds, or the stream ends first.
 */
export function firstWithin<T>(source: Observable<T>, within: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    source.pipe(timeout({ first: within }), throwIfEmpty(), take(1)).subscribe({
      next: resolve,
      error: (cause: unknown) => {
        reject(new Error(`${what}: not within ${within} ms`, { cause }));
      },
    });
  });
}
