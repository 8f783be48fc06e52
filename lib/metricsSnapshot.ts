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

/** What a process says of itself, or what is said of it. */
export type HostCount =
  | { readonly type: 'counted'; readonly host: number; readonly snapshot: Snapshot }
  | { readonly type: 'gone'; readonly host: number };

/** What the processes that are gone have counted, and what each of the others has. */
interface Counts {
  readonly gone: Snapshot;
  readonly present: ReadonlyMap<number, Snapshot>;
}

const NONE: Counts = { gone: [], present: new Map() };

/** A process that is gone has no state, but what it has counted has happened. */
const withoutGauges = (snapshot: Snapshot): Snapshot =>
  // prom-client types this name as a number.
  snapshot.filter(({ type }) => String(type) !== 'gauge');

function bury({ gone, present }: Counts, host: number): Observable<Counts> {
  const last = withoutGauges(present.get(host) ?? []);
  const others = new Map([...present].filter(([each]) => each !== host));
  return from(aggregate([gone, last]).getMetricsAsJSON()).pipe(
    map((counted) => ({ gone: counted, present: others })),
  );
}

/**
 * What processes that come and go have counted together.
 *
 *     source  --a--b--x-----c--     a, b: snapshots of one process, x: it is gone, c: of another
 *     result  --a--b--B-----[B,c]   B: the counters and histograms of b
 */
export function countTogether(): OperatorFunction<HostCount, readonly Snapshot[]> {
  return pipe(
    mergeScan(
      (counts, event) =>
        event.type === 'gone'
          ? bury(counts, event.host)
          : of({ ...counts, present: new Map([...counts.present, [event.host, event.snapshot]]) }),
      NONE,
      1,
    ),
    map(({ gone, present }) => [gone, ...present.values()]),
  );
}
