import { defer, finalize, from, type Observable } from 'rxjs';

/**
 * A request that can be aborted: each subscription makes one, and aborts it when it ends.
 *
 *     result  -----(a|)      a: what the request's promise resolves with
 *
 * Unsubscribing aborts at once, whether the answer has begun to arrive or not; what comes of the
 * request after that is not heard of. Errors with what the promise is rejected with.
 */
export function fromAbortable<T>(request: (signal: AbortSignal) => Promise<T>): Observable<T> {
  return defer(() => {
    const controller = new AbortController();
    return from(request(controller.signal)).pipe(finalize(() => controller.abort()));
  });
}
