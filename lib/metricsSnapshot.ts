import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client';
import { from, map, mergeScan, type Observable, of, type OperatorFunction, pipe } from 'rxjs';

/** What a process has counted until some moment. Plain data: it crosses a process boundary. */
export type Snapshot = readonly MetricObjectWithValues<MetricValue<string>>[];

/** Snapshots in one: counters and histograms added up, gauges as each of them asks for. */
const aggregate = (snapshots: readonly Snapshot[]) =>
  AggregatorRegistry.aggregate(snapshots.map((snapshot) => [...snapshot]));

/** Snapshots in one, as Prometheus reads them. */
export function metricsText(snapshots: readonly Snapshot[]): Promise<string> {
  return aggregate(snapshots).metrics();
}

/** What the processes so far have counted, and what the present one has. */
interface Succession {
  readonly gone: Snapshot;
  readonly present: Snapshot;
}

const NONE: Succession = { gone: [], present: [] };

/** A process that is gone has no state, but what it has counted has happened. */
const withoutGauges = (snapshot: Snapshot): Snapshot =>
  // prom-client types this name as a number.
  snapshot.filter(({ type }) => String(type) !== 'gauge');

function bury({ gone, present }: Succession): Observable<Succession> {
  const sum = aggregate([gone, withoutGauges(present)]).getMetricsAsJSON();
  return from(sum).pipe(map((counted) => ({ gone: counted, present: [] })));
}

/**
 * What processes that take each other's place have counted together.
 *
 *     source  --a--b--x-----c--     a, b: snapshots of a process, x: it is gone, c: of the next
 *     result  --a--b--B-----[B,c]   B: the counters and histograms of b
 */
export function overSuccessors(): OperatorFunction<Snapshot | 'gone', readonly Snapshot[]> {
  return pipe(
    mergeScan(
      (succession, event) =>
        event === 'gone' ? bury(succession) : of({ ...succession, present: event }),
      NONE,
      1,
    ),
    map(({ gone, present }) => [gone, present]),
  );
}
