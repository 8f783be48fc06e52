import {
  BehaviorSubject,
  combineLatest,
  defer,
  delay,
  distinctUntilChanged,
  EMPTY,
  expand,
  filter,
  finalize,
  from,
  map,
  merge,
  mergeMap,
  type Observable,
  shareReplay,
  startWith,
  take,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import type { Milliseconds } from '../operators/types.js';
import type { CallAssignment } from './callTypes.js';
import { type Carrier, carryIn, HostLost } from './carrier.js';
import { candidates, hostLife, type HostLifeOptions, vacant, type Vacancy } from './hostLife.js';
import type { FromCall } from './hostProtocol.js';
import type { Bytes } from './memory.js';
import { countTogether, type HostCount, type Snapshot } from './metricsSnapshot.js';

/** What a pool is made of. */
export interface HostPoolOptions extends HostLifeOptions {
  /** Hosts kept warm, busy ones included. */
  readonly size: number;
}

/** Warm call hosts, each of which carries many calls. */
export interface HostPool {
  /**
   * While subscribed, hosts run, dead ones are replaced, and those that retire have a successor
   * that is warm before they take no more calls. Completes when, after `shutdown$`, all have exited.
   * Emits what all hosts so far have counted together, where they tell.
   */
  readonly running$: Observable<readonly Snapshot[]>;
  /**
   * How many hosts can take a call: the current number first, then each change. None before all of
   * them have been ready once: the first would get all the calls that wait for a worker to start.
   */
  readonly warm$: Observable<number>;
  /** What each host uses, by its number, from 1 on: the present amounts first, then each change. */
  readonly memory$: Observable<ReadonlyMap<number, Bytes>>;
  /**
   * Runs a call in the least loaded host. Emits what it reports, and completes after `ended`.
   * Errors: HostLost when the host dies first, or none is warm.
   */
  run(assignment: CallAssignment): Observable<FromCall>;
  /** Lets a call leave that reported `ending`. */
  leave(jobId: string): void;
}

type PoolEvent = Vacancy | HostCount;

/** Hosts of one worker are ready within a second of each other, on a busy machine within a few. */
const START_PATIENCE: Milliseconds = 10_000;
const FIRST_RESPAWN: Milliseconds = 500;
const MAX_RESPAWN: Milliseconds = 30_000;

const respawnDelay = (deaths: number): Milliseconds =>
  deaths === 0 ? 0 : Math.min(MAX_RESPAWN, FIRST_RESPAWN * 2 ** (deaths - 1));

/** The smallest number from 1 on that is not among them. */
const lowestBut = (numbers: ReadonlySet<number>): number => {
  let lowest = 1;
  while (numbers.has(lowest)) lowest += 1;
  return lowest;
};

/**
 * The places of a pool that starts. Hosts have equal shares of the calls, so with equal limits all
 * would retire at once, and as many successors start: their first ones have a part of it each.
 */
const firstPlaces = ({ size, maxCalls }: HostPoolOptions): readonly PoolEvent[] =>
  Array.from({ length: size }, (_, index) => ({
    ...vacant(0),
    maxCalls: Math.ceil((maxCalls * (index + 1)) / size),
  }));

const isCount = (event: PoolEvent): event is HostCount => event.type !== 'vacant';

/** Creates a pool. Nothing runs until `running$` is subscribed to, once. */
export function createHostPool(options: HostPoolOptions): HostPool {
  const carriers$ = new BehaviorSubject<readonly Carrier[]>([]);
  const memory$ = new BehaviorSubject<ReadonlyMap<number, Bytes>>(new Map());
  const numbers = new Set<number>();
  function life({ deaths, maxCalls = options.maxCalls }: Vacancy): Observable<PoolEvent> {
    return defer(() => {
      const host = lowestBut(numbers);
      numbers.add(host);
      return hostLife(host, deaths, { ...options, maxCalls }, { carriers$, memory$ }).pipe(
        finalize(() => numbers.delete(host)),
      );
    });
  }
  function fill(event: PoolEvent): Observable<PoolEvent> {
    if (isCount(event)) return EMPTY;
    const due$ = timer(respawnDelay(event.deaths)).pipe(takeUntil(options.shutdown$));
    return due$.pipe(mergeMap(() => life(event)));
  }
  const started$ = merge(
    carriers$.pipe(filter(({ length }) => length >= options.size)),
    // One that does not start must not keep the others from their work.
    carriers$.pipe(
      filter(({ length }) => length > 0),
      take(1),
      delay(START_PATIENCE),
    ),
  ).pipe(
    take(1),
    map(() => true),
    startWith(false),
    shareReplay({ bufferSize: 1, refCount: false }),
  );
  const callsOf = ({ burden$ }: Carrier) => burden$.value.jobIds.size;
  return {
    running$: from(firstPlaces(options)).pipe(
      expand(fill),
      filter(isCount),
      countTogether(),
      startWith([]),
    ),
    warm$: combineLatest([carriers$, started$]).pipe(
      map(([carriers, started]) => (started ? candidates(carriers).length : 0)),
      distinctUntilChanged(),
    ),
    memory$: memory$.asObservable(),
    run(assignment: CallAssignment) {
      return defer(() => {
        const [carrier] = candidates(carriers$.value).toSorted((a, b) => callsOf(a) - callsOf(b));
        if (carrier) return carryIn(carrier, assignment);
        return throwError(() => new HostLost('no host is warm'));
      });
    },
    leave(jobId: string) {
      const carrier = carriers$.value.find(({ burden$ }) => burden$.value.jobIds.has(jobId));
      carrier?.process.send({ type: 'leave', jobId });
    },
  } satisfies HostPool;
}
