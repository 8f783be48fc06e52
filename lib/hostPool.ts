import {
  BehaviorSubject,
  catchError,
  combineLatest,
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  filter,
  finalize,
  map,
  merge,
  mergeMap,
  type Observable,
  repeat,
  startWith,
  takeUntil,
  takeWhile,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { CallAssignment } from './callTypes.js';
import { forkHost, type HostProcess } from './forkHost.js';
import type { FromCall, FromHost, ToHost } from './hostProtocol.js';
import type { Logger } from './logger.js';
import { overSuccessors, type Snapshot } from './metricsSnapshot.js';
import type { Milliseconds } from '../operators/types.js';

/** What a pool is made of. */
export interface HostPoolOptions {
  /** Hosts kept warm, busy ones included. */
  readonly size: number;
  readonly logger: Logger;
  /** Emits when the hosts shall release their calls and exit; must replay to late subscribers. */
  readonly shutdown$: Observable<unknown>;
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
   * While subscribed, hosts run and dead ones are replaced. Completes when, after `shutdown$`, all
   * have exited. Emits what all hosts so far have counted together, where they tell.
   */
  readonly running$: Observable<readonly Snapshot[]>;
  /** How many hosts can take a call: the current number first, then each change. */
  readonly warm$: Observable<number>;
  /**
   * Runs a call in the least loaded host. Emits what it reports, and completes after `ended`.
   * Errors: HostLost when the host dies first, or none is warm.
   */
  run(assignment: CallAssignment): Observable<FromCall>;
  /** Lets a call leave that reported `ending`. */
  leave(jobId: string): void;
}

interface WarmHost {
  readonly process: HostProcess;
  readonly jobIds: Set<string>;
}

const FIRST_RESPAWN: Milliseconds = 500;
const MAX_RESPAWN: Milliseconds = 30_000;

const respawnDelay = (deaths: number): Milliseconds =>
  Math.min(MAX_RESPAWN, FIRST_RESPAWN * 2 ** (deaths - 1));

const isReportOf =
  (jobId: string) =>
  (message: FromHost): message is FromCall =>
    'jobId' in message && message.jobId === jobId;

/** What a host has counted. */
function snapshotsOf({ message$ }: HostProcess): Observable<Snapshot> {
  return message$.pipe(
    filter((message) => message.type === 'metrics'),
    map(({ snapshot }) => snapshot),
  );
}

/** One place of the pool: a host, and after its death the next. */
function keepHost(
  { logger, shutdown$, program }: HostPoolOptions,
  hosts$: BehaviorSubject<readonly WarmHost[]>,
): Observable<readonly Snapshot[]> {
  return defer(() => {
    let deaths = 0;
    const host$ = defer(() => warmHost(forkHost(shutdown$, program), hosts$));
    return host$.pipe(
      tap(() => (deaths = 0)),
      mergeMap(snapshotsOf),
      catchError((error: unknown) => {
        deaths += 1;
        logger.error('call host died', { error, deaths });
        return EMPTY;
      }),
      endWith('gone' as const),
      repeat({ delay: () => timer(respawnDelay(deaths)).pipe(takeUntil(shutdown$)) }),
      overSuccessors(),
    );
  });
}

/** Lists a host in `hosts$` from its readiness to its end. */
function warmHost(
  process$: Observable<HostProcess>,
  hosts$: BehaviorSubject<readonly WarmHost[]>,
): Observable<HostProcess> {
  const jobIds = new Set<string>();
  return process$.pipe(
    tap((process) => hosts$.next([...hosts$.value, { process, jobIds }])),
    finalize(() => hosts$.next(hosts$.value.filter((host) => host.jobIds !== jobIds))),
  );
}

function runIn({ process, jobIds }: WarmHost, assignment: CallAssignment): Observable<FromCall> {
  const { jobId } = assignment;
  const take: ToHost = { type: 'take', assignment };
  return defer(() => {
    jobIds.add(jobId);
    const report$ = process.message$.pipe(filter(isReportOf(jobId)));
    const take$ = defer(() => (process.send(take), EMPTY));
    const died$ = throwError(() => new HostLost('the call host has died'));
    return concat(merge(report$, take$), died$);
  }).pipe(
    takeWhile(({ type }) => type !== 'ended', true),
    finalize(() => jobIds.delete(jobId)),
  );
}

/** Creates a pool. Nothing runs until `running$` is subscribed to, once. */
export function createHostPool(options: HostPoolOptions): HostPool {
  const hosts$ = new BehaviorSubject<readonly WarmHost[]>([]);
  const place$ = keepHost(options, hosts$).pipe(startWith([]));
  const leastLoaded = () => hosts$.value.toSorted((a, b) => a.jobIds.size - b.jobIds.size)[0];
  return {
    running$: combineLatest(Array.from({ length: options.size }, () => place$)).pipe(
      map((counted) => counted.flat()),
    ),
    warm$: hosts$.pipe(
      map((hosts) => hosts.length),
      distinctUntilChanged(),
    ),
    run(assignment: CallAssignment) {
      return defer(() => {
        const host = leastLoaded();
        return host ? runIn(host, assignment) : throwError(() => new HostLost('no host is warm'));
      });
    },
    leave(jobId: string) {
      const host = hosts$.value.find(({ jobIds }) => jobIds.has(jobId));
      host?.process.send({ type: 'leave', jobId });
    },
  } satisfies HostPool;
}
