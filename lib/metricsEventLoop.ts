import { Gauge, type Registry } from 'prom-client';
import type { Milliseconds } from '../operators/types.js';

/** Told how late the event loop of this process is. */
export interface EventLoopMetrics {
  /** The newest figure. */
  lagged(lag: Milliseconds): void;
}

/** Creates the metrics of a process's event loop in a registry. */
export function createEventLoopMetrics(
  registry: Registry,
  process: 'worker' | 'host',
): EventLoopMetrics {
  const lag = new Gauge({
    name: 'media_bot_event_loop_lag_seconds',
    help: 'How late timers come in the worker and in the slowest host, 99th percentile of 15 s',
    labelNames: ['process'],
    // One host that stands still is not made good by others that do not.
    aggregator: 'max',
    registers: [registry],
  });
  lag.set({ process }, 0);
  return { lagged: (value) => lag.set({ process }, value / 1000) };
}
