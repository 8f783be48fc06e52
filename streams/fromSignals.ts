import { fromEvent, map, merge, type Observable } from 'rxjs';

/** The given signals as this process receives them; while subscribed, they do not end it. */
export function fromSignals(...signals: readonly NodeJS.Signals[]): Observable<NodeJS.Signals> {
  return merge(...signals.map((signal) => fromEvent(process, signal).pipe(map(() => signal))));
}
