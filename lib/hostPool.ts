import {
  BehaviorSubject,
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  expand,
  filter,
  finalize,
  from,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  startWith,
  take,
  takeUntil,
  takeWhile,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { Milliseconds } from '../operators/types.js';
import type { CallAssignment } from './callTypes.js';
import { forkHost, type HostProcess } from './forkHost.js';
import type { FromCall, FromHost } from './hostProtocol.js';
import type { Logger } from './logger.js';
import type { Bytes } from './memory.js';
import { countTogether, type HostCount, type Snapshot } from './metricsSnapshot.js';

/** What a pool is made of. */
export interface HostPoolOptions {
  /** Hosts kept warm, busy ones included. */
  readonly size: number;
  /** Calls after which a host takes no more, and leaves with its last one. */
  readonly maxCalls: number;
  /** Memory over which it does the same. */
  readonly maxMemory: Bytes;
  readonly logger: Logger;
  /** Emits when the hosts shall release their calls and exit; must replay to late subscribers. */
  readonly shutdown$: Observable<unknown>;
  /** Told of each host that has died or retired. */
  readonly onLeft: (how: 'died' | 'retired') => void;
  /** The hosts' program; the product's own when missing. */
  readonly program?: string;
}

/** A call has no host any more; another one can take it. */
export class HostLost extends Error {
  override readonly name = 'HostLost';
}

/** Warm call hosts, each of which carries many calls. */
export interface HostPool {
  /**
   * While subscribed, hosts run, dead ones are replaced, and those that retire have a successor
   * from that moment on. Completes when, after `shutdown$`, all have exited. Emits what all hosts
   * so far have counted together, where they tell.
   */
  readonly running$: Observable<readonly Snapshot[]>;
  /** How many hosts can take a call: the current number first, then each change. */
  readonly warm$: Observable<number>;
  /** What all hosts use together: the present amount first, then each change. */
  readonly memory$: Observable<Bytes>;
  /**
   * Runs a call in the least loaded host. Emits what it reports, and completes after `ended`.
   * Errors: HostLost when the host dies first, or none is warm.
   */
  run(assignment: CallAssignment): Observable<FromCall>;
  /** Lets a call leave that reported `ending`. */
  leave(jobId: string): void;
}

/** A host, and what it carries. */
interface CarryingHost {
  readonly process: HostProcess;
  readonly burden$: BehaviorSubject<Burden>;
}

interface Burden {
  readonly jobIds: ReadonlySet<string>;
  /** Calls so far, those that have ended included. */
  readonly taken: number;
}

/** A place in the pool is free; its last host has died so many times in a row. */
interface Vacancy {
  readonly type: 'vacant';
  readonly deaths: number;
}

type PoolEvent = Vacancy | HostCount;

/** What a pool knows of its hosts. */
interface PoolState {
  /** Those that can take a call. */
  readonly hosts$: BehaviorSubject<readonly CarryingHost[]>;
  readonly memory$: BehaviorSubject<ReadonlyMap<number, Bytes>>;
}

const FIRST_RESPAWN: Milliseconds = 500;
const MAX_RESPAWN: Milliseconds = 30_000;

const respawnDelay = (deaths: number): Milliseconds =>
  deaths === 0 ? 0 : Math.min(MAX_RESPAWN, FIRST_RESPAWN * 2 ** (deaths - 1));

const isReportOf =
  (jobId: string) =>
  (message: FromHost): message is FromCall =>
    'jobId' in message && message.jobId === jobId;

const isCount = (event: PoolEvent): event is HostCount => event.type !== 'vacant';

const vacant = (deaths: number): Vacancy => ({ type: 'vacant', deaths });

/** What a host has counted. */
function snapshotsOf(host: number, { message$ }: HostProcess): Observable<HostCount> {
  return message$.pipe(
    filter((message) => message.type === 'metrics'),
    map(({ snapshot }) => ({ type: 'counted', host, snapshot }) as const),
  );
}

/** Notes what a host uses, for as long as it lives. */
function watchMemory(
  host: number,
  { message$ }: HostProcess,
  { memory$ }: PoolState,
): Observable<Bytes> {
  const others = () => [...memory$.value].filter(([each]) => each !== host);
  return message$.pipe(
    filter((message) => message.type === 'beat'),
    map(({ memory }) => memory),
    tap((memory) => memory$.next(new Map([...others(), [host, memory]]))),
    finalize(() => memory$.next(new Map(others()))),
  );
}

/** Emits once, when a host shall take no more calls. */
function overused(
  memory$: Observable<Bytes>,
  { burden$ }: CarryingHost,
  { maxCalls, maxMemory }: HostPoolOptions,
): Observable<string> {
  return merge(
    memory$.pipe(
      // A host that has carried nothing is as light as its successor would be.
      filter((memory) => memory > maxMemory && burden$.value.taken > 0),
      map(() => 'memory'),
    ),
    burden$.pipe(
      filter(({ taken }) => taken >= maxCalls),
      map(() => 'calls'),
    ),
  ).pipe(take(1));
}

/** One host from its start to its end. Vacates its place when it retires or dies. */
function host(
  id: number,
  deaths: number,
  options: HostPoolOptions,
  state: PoolState,
): Observable<PoolEvent> {
  const { logger, shutdown$, program, onLeft } = options;
  const { hosts$ } = state;
  return defer(() => {
    const burden$ = new BehaviorSubject<Burden>({ jobIds: new Set(), taken: 0 });
    let phase: 'starting' | 'warm' | 'retired' = 'starting';
    const unlist = () => hosts$.next(hosts$.value.filter((each) => each.burden$ !== burden$));

    function retire(process: HostProcess, reason: string): Observable<PoolEvent> {
      phase = 'retired';
      unlist();
      onLeft('retired');
      logger.info('call host retires', { host: process.pid, reason, taken: burden$.value.taken });
      const idle$ = burden$.pipe(
        filter(({ jobIds }) => jobIds.size === 0),
        take(1),
        tap(() => process.send({ type: 'shutdown' })),
        ignoreElements(),
      );
      return merge(of(vacant(0)), idle$);
    }
    function carry(process: HostProcess): Observable<PoolEvent> {
      const carrying = { process, burden$ };
      phase = 'warm';
      hosts$.next([...hosts$.value, carrying]);
      const memory$ = watchMemory(id, process, state);
      const gone$ = process.message$.pipe(ignoreElements(), endWith('gone'));
      return merge(
        snapshotsOf(id, process),
        overused(memory$, carrying, options).pipe(
          mergeMap((reason) => retire(process, reason)),
          takeUntil(gone$),
        ),
      );
    }
    const life$ = forkHost(shutdown$, program).pipe(
      mergeMap(carry),
      catchError((error: unknown) => {
        logger.error('call host died', { error });
        onLeft('died');
        return EMPTY;
      }),
      finalize(unlist),
    );
    const end$ = defer(() => {
      const gone: PoolEvent = { type: 'gone', host: id };
      if (phase === 'retired') return of(gone);
      return of(gone, vacant(phase === 'starting' ? deaths + 1 : 1));
    });
    return concat(life$, end$);
  });
}

function runIn(
  { process, burden$ }: CarryingHost,
  assignment: CallAssignment,
): Observable<FromCall> {
  const { jobId } = assignment;
  return defer(() => {
    const { jobIds, taken } = burden$.value;
    const report$ = process.message$.pipe(filter(isReportOf(jobId)));
    const take$ = defer(() => {
      burden$.next({ jobIds: new Set([...jobIds, jobId]), taken: taken + 1 });
      process.send({ type: 'take', assignment });
      return EMPTY;
    });
    const died$ = throwError(() => new HostLost('the call host has died'));
    return concat(merge(report$, take$), died$);
  }).pipe(
    takeWhile(({ type }) => type !== 'ended', true),
    finalize(() => {
      const { jobIds, taken } = burden$.value;
      burden$.next({ jobIds: new Set([...jobIds].filter((id) => id !== jobId)), taken });
    }),
  );
}

/** Creates a pool. Nothing runs until `running$` is subscribed to, once. */
export function createHostPool(options: HostPoolOptions): HostPool {
  const state: PoolState = {
    hosts$: new BehaviorSubject([]),
    memory$: new BehaviorSubject(new Map()),
  };
  const { hosts$, memory$ } = state;
  const carriers = new Map<string, HostProcess>();
  const leastLoaded = () =>
    hosts$.value.toSorted((a, b) => a.burden$.value.jobIds.size - b.burden$.value.jobIds.size)[0];
  const places = Array.from({ length: options.size }, (): PoolEvent => vacant(0));
  const fill = (event: PoolEvent, id: number): Observable<PoolEvent> =>
    event.type === 'vacant'
      ? timer(respawnDelay(event.deaths)).pipe(
          takeUntil(options.shutdown$),
          mergeMap(() => host(id, event.deaths, options, state)),
        )
      : EMPTY;
  return {
    running$: from(places).pipe(expand(fill), filter(isCount), countTogether(), startWith([])),
    warm$: hosts$.pipe(
      map((hosts) => hosts.length),
      distinctUntilChanged(),
    ),
    memory$: memory$.pipe(map((uses) => [...uses.values()].reduce((sum, use) => sum + use, 0))),
    run(assignment: CallAssignment) {
      const { jobId } = assignment;
      return defer(() => {
        const carrier = leastLoaded();
        if (!carrier) return throwError(() => new HostLost('no host is warm'));
        carriers.set(jobId, carrier.process);
        return runIn(carrier, assignment);
      }).pipe(finalize(() => carriers.delete(jobId)));
    },
    leave: (jobId: string) => carriers.get(jobId)?.send({ type: 'leave', jobId }),
  } satisfies HostPool;
}
