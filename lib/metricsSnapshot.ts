import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client';
import { endWith, from, map, mergeScan, type Observable, of, type OperatorFunction, pipe } from 'rxjs';

/** What a process has counted until some moment. Plain data: it crosses a process boundary. */
export type Snapshot = readonly MetricObjectWithValues<MetricValue<string>>[];

/** Snapshots in one: counters and histograms added up, gauges as each of them asks for. */
const aggregate = (snapshots: readonly Snapshot[]) =>
  AggregatorRegistry.aggregate(snapshots.map((snapshot) => [...snapshot]));

/** Snapshots in one, as Prometheus reads them: text format 0.0.4. */
export function metricsText(snapshots: readonly Snapshot[]): Promise<string> {
  return aggregate(snapshots).metrics();
}

/** A process that is gone has no state, but what it has counted has happened. */
const withoutGauges = (snapshot: Snapshot): Snapshot =>
  // prom-client types the name as a number.
  snapshot.filter(({ type }) => String(type) !== 'gauge');
