import { Counter, Histogram, type Registry } from 'prom-client';
import type { Milliseconds } from '../operators/types.js';

/** Told what becomes of holds. */
export interface IsolationMetrics {
  /** The server has accepted the isolation of a hold for the first time, so long after it began. */
  isolated(after: Milliseconds): void;
  /** An isolation that stood was extended to a new track, or to a target that had rejoined. */
  repaired(): void;
  /** A request to the server API has failed. */
  apiFailed(): void;
  /** `canSubscribe` was taken from a target, for want of a better way. */
  silenced(): void;
}

/** From the pace of the server's API to an outage that somebody has noticed. */
const SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Creates the metrics of isolation in a registry. */
export function createIsolationMetrics(registry: Registry): IsolationMetrics {
  const counter = (name: string, help: string) =>
    new Counter({ name, help, registers: [registry] });
  const isolations = counter(
    'media_bot_isolations_total',
    'Holds whose isolation the server has accepted',
  );
  const repairs = counter(
    'media_bot_isolation_repairs_total',
    'Standing isolations that were extended to a new track or to a target that had rejoined',
  );
  const failures = counter(
    'media_bot_isolation_api_failures_total',
    'Failed requests to the server API for the sake of isolation',
  );
  const fallbacks = counter(
    'media_bot_isolation_fallbacks_total',
    'Held targets from whom canSubscribe was taken because their isolation was not accepted',
  );
  const seconds = new Histogram({
    name: 'media_bot_isolation_seconds',
    help: 'From the wish to hold a target to the first acceptance of its isolation',
    buckets: SECONDS,
    registers: [registry],
  });
  return {
    isolated: (after) => {
      isolations.inc();
      seconds.observe(after / 1000);
    },
    repaired: () => repairs.inc(),
    apiFailed: () => failures.inc(),
    silenced: () => fallbacks.inc(),
  };
}
