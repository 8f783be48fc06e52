import { catchError, defer, EMPTY, type Observable } from 'rxjs';

import { byId } from './byId.js';

/** Does something; where it fails, the page says why until the next thing is done. */
export function attempt<T>(action: () => Promise<T>): Observable<T> {
  const problem = byId('problem');
  return defer(() => {
    problem.textContent = '';
    return action();
  }).pipe(
    catchError((cause: unknown) => {
      problem.textContent = cause instanceof Error ? cause.message : String(cause);
      return EMPTY;
    }),
  );
}
