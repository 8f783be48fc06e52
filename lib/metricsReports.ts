import {
  concat,
  concatMap,
  interval,
  map,
  type Observable,
  type ObservableInput,
  of,
  takeUntil,
} from 'rxjs';
import type { Milliseconds } from '../operators/types.js';
import type { FromHost } from './hostProtocol.js';
import type { Snapshot } from './metricsSnapshot.js';

/** What a host that is killed has counted since is lost. Prometheus asks every 15 s or so. */
const INTERVAL: Milliseconds = 1_000;

/**
 * What a host tells its worker about its metrics: everything every second, and once more at the
 * end.
 *
 *     done    --------d
 *     result  -m--m--mm|     m: metrics
 */
export function metricsReports(
  metrics: { snapshot(): ObservableInput<Snapshot> },
  done$: ObservableInput<unknown>,
): Observable<FromHost> {
  return concat(interval(INTERVAL).pipe(takeUntil(done$)), of('the last')).pipe(
    concatMap(() => metrics.snapshot()),
    map((snapshot) => ({ type: 'metrics', snapshot }) as const),
  );
}
