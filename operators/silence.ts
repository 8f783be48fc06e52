import { asyncScheduler, delay, type Observable, type SchedulerLike, timer } from 'rxjs';
import type { Milliseconds } from './types.js';

/**
 * A timer for what has not come, to be begun anew (`switchMap`) at each that comes. The last tenth
 * is a timer of its own: a process that stood still itself has its timers first, and what has come
 * meanwhile after them.
 *
 *     result  ---------(0|)      after `time`
 */
export function silence(
  time: Milliseconds,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<unknown> {
  return timer(time * 0.9, scheduler).pipe(delay(time * 0.1, scheduler));
}
