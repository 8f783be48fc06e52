import { monitorEventLoopDelay } from 'node:perf_hooks';
import { defer, finalize, interval, map, type Observable } from 'rxjs';
import type { Milliseconds } from '../operators/types.js';

/**
 * How often a timer is set. Each costs a wake-up: 0.1 % of a core like this, 0.25 % at 20 ms
 * (measured on Node 22).
 */
const RESOLUTION: Milliseconds = 50;
/** Prometheus asks every 15 s or so. */
const SPAN: Milliseconds = 15_000;
const PERCENTILE = 99;
const NANOSECONDS_PER_MS = 1e6;

/**
 * How late timers come in this process, over and over: the 99th percentile of the last `span`. Node
 * watches by itself; no code of ours runs in between.
 *
 * @see https://nodejs.org/api/perf_hooks.html#perf_hooksmonitoreventloopdelayoptions
 */
export function eventLoopLag(span = SPAN): Observable<Milliseconds> {
  return defer(() => {
    const delays = monitorEventLoopDelay({ resolution: RESOLUTION });
    delays.enable();
    return interval(span).pipe(
      map(() => {
        // What it measures is from one timer to the next.
        const lag = delays.percentile(PERCENTILE) / NANOSECONDS_PER_MS - RESOLUTION;
        delays.reset();
        return Math.max(0, lag);
      }),
      finalize(() => delays.disable()),
    );
  });
}
