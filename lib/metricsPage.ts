import { EMPTY, firstValueFrom, ignoreElements, merge, type Observable, tap } from 'rxjs';
import type { Milliseconds } from '../operators/types.js';
import type { Settings } from './config.js';
import { serveMetrics } from './metricsServer.js';
import { metricsText, type Snapshot } from './metricsSnapshot.js';
import type { WorkerMetrics } from './metricsWorker.js';
import type { UsedMemory } from './usedMemory.js';
import type { WorkerStatus } from './worker.js';

/** What the metrics page is made of. */
export interface MetricsPageDeps {
  readonly metrics: WorkerMetrics;
  readonly status$: Observable<WorkerStatus>;
  /** Hosts that can take a call. */
  readonly warm$: Observable<number>;
  readonly load$: Observable<number>;
  /** What worker and hosts use. */
  readonly memory$: Observable<UsedMemory>;
  /** How late the worker's event loop is. */
  readonly lag$: Observable<Milliseconds>;
  /** What the hosts have counted; the newest first. */
  readonly counted$: Observable<readonly Snapshot[]>;
}

/**
 * Serves the metrics of the worker and all of its hosts in one, where a port is set for them.
 *
 * Emits nothing. Errors when the port cannot be had.
 */
export function metricsPage(settings: Settings, deps: MetricsPageDeps): Observable<never> {
  const { prometheusPort, numIdleProcesses } = settings;
  if (prometheusPort === undefined) return EMPTY;
  const { metrics, status$, warm$, load$, memory$, lag$, counted$ } = deps;
  async function read(): Promise<string> {
    const counted = await firstValueFrom(counted$, { defaultValue: [] });
    return metricsText([await metrics.snapshot(), ...counted]);
  }
  return merge(
    serveMetrics(prometheusPort, read),
    status$.pipe(tap((status) => metrics.fares(status))),
    warm$.pipe(tap((warm) => metrics.hosts(warm, numIdleProcesses - warm))),
    load$.pipe(tap((load) => metrics.load(load))),
    memory$.pipe(tap((used) => metrics.memory(used))),
    lag$.pipe(tap((lag) => metrics.lagged(lag))),
  ).pipe(ignoreElements());
}
