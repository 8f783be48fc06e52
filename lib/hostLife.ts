import {
  type BehaviorSubject,
  catchError,
  combineLatest,
  concat,
  defer,
  EMPTY,
  endWith,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  share,
  take,
  takeUntil,
  tap,
} from 'rxjs';
import { type Carrier, createCarrier } from './carrier.js';
import { forkHost, type HostProcess } from './forkHost.js';
import type { Logger } from './logger.js';
import type { Bytes } from './memory.js';
import type { HostCount } from './metricsSnapshot.js';

/** What all hosts of a pool have in common. */
export interface HostLifeOptions {
  /** Calls after which a host retires. */
  readonly maxCalls: number;
  /** Memory over which it does. */
  readonly maxMemory: Bytes;
  readonly logger: Logger;
  /** Emits when the hosts shall release their calls and exit; must replay to late subscribers. */
  readonly shutdown$: Observable<unknown>;
  /** Told of each host that has died, or retires. */
  readonly onLeft: (how: 'died' | 'retired') => void;
  /** The hosts' program; the product's own when missing. */
  readonly program?: string;
}

/** What a pool knows of its hosts; each of them lists itself. */
export interface PoolState {
  /** Those that are ready. */
  readonly carriers$: BehaviorSubject<readonly Carrier[]>;
  /** What each host uses, by its number. */
  readonly memory$: BehaviorSubject<ReadonlyMap<number, Bytes>>;
}

/** A place in the pool is free. */
export interface Vacancy {
  readonly type: 'vacant';
  /** Of its last hosts, in a row. */
  readonly deaths: number;
  /** Calls after which its next host retires, where that is not after as many as all do. */
  readonly maxCalls?: number;
}

/** A place that is free. */
export const vacant = (deaths: number): Vacancy => ({ type: 'vacant', deaths });

/** Hosts that shall take the next call: those that retire only where there is no other. */
export function candidates(carriers: readonly Carrier[]): readonly Carrier[] {
  const staying = carriers.filter(({ burden$ }) => !burden$.value.retiring);
  return staying.length > 0 ? staying : carriers;
}

/** What a host has counted. */
function countsOf(host: number, { message$ }: HostProcess): Observable<HostCount> {
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

/** Emits why, once, when a host shall retire. */
function overused(
  memory$: Observable<Bytes>,
  { burden$ }: Carrier,
  { maxCalls, maxMemory }: HostLifeOptions,
): Observable<string> {
  return merge(
    memory$.pipe(
      // One that has carried nothing is as light as its successor would be.
      filter((memory) => memory > maxMemory && burden$.value.taken > 0),
      map(() => 'memory'),
    ),
    burden$.pipe(
      filter(({ taken }) => taken >= maxCalls),
      map(() => 'calls'),
    ),
  ).pipe(take(1));
}

/** Vacates the host's place, and has it exit once it carries no call and another host can take them. */
function retire(
  { process, burden$ }: Carrier,
  reason: string,
  { logger, onLeft }: HostLifeOptions,
  { carriers$ }: PoolState,
): Observable<Vacancy> {
  onLeft('retired');
  burden$.next({ ...burden$.value, retiring: true });
  carriers$.next([...carriers$.value]);
  logger.info('call host retires', { host: process.pid, reason, taken: burden$.value.taken });
  const exit$ = combineLatest([burden$, carriers$]).pipe(
    filter(([{ jobIds }]) => jobIds.size === 0),
    filter(([, carriers]) => candidates(carriers).some((other) => other.burden$ !== burden$)),
    take(1),
    tap(() => process.send({ type: 'shutdown' })),
    ignoreElements(),
  );
  return merge(of(vacant(0)), exit$);
}

/** A host that is ready, to its end. */
function carry(
  host: number,
  carrier: Carrier,
  options: HostLifeOptions,
  state: PoolState,
): Observable<Vacancy | HostCount> {
  const { process } = carrier;
  const { carriers$ } = state;
  return defer(() => {
    carriers$.next([...carriers$.value, carrier]);
    const memory$ = watchMemory(host, process, state).pipe(share());
    const gone$ = process.message$.pipe(ignoreElements(), endWith('gone'));
    const retire$ = overused(memory$, carrier, options).pipe(
      mergeMap((reason) => retire(carrier, reason, options, state)),
      takeUntil(gone$),
    );
    return merge(countsOf(host, process), memory$.pipe(ignoreElements()), retire$);
  }).pipe(finalize(() => carriers$.next(carriers$.value.filter((each) => each !== carrier))));
}

/**
 * A call host from its start to its end.
 *
 *     process  r---t---t-----x        r: ready, t: takes a call, x: exits with its last call
 *     result   --c---c-v---c-g|       c: counted, v: vacant (it retires), g: gone
 *
 * After so many calls, or with so much memory, it retires: its place is vacant at once, and it takes
 * no more calls as soon as another host can. When it carries none it exits. One that dies leaves
 * its place vacant at its end. Does not error.
 *
 * @param host its number, which no other has.
 * @param deaths of hosts in its place that have died in a row before it.
 */
export function hostLife(
  host: number,
  deaths: number,
  options: HostLifeOptions,
  state: PoolState,
): Observable<Vacancy | HostCount> {
  const { logger, shutdown$, program, onLeft } = options;
  return defer(() => {
    /** What becomes of its place at its end. */
    let end: readonly Vacancy[] = [vacant(deaths + 1)];
    const life$ = forkHost(shutdown$, program).pipe(
      tap(() => (end = [vacant(1)])),
      mergeMap((process) => carry(host, createCarrier(process), options, state)),
      tap(({ type }) => {
        if (type === 'vacant') end = [];
      }),
      catchError((error: unknown) => {
        logger.error('call host died', { error, deaths: end[0]?.deaths });
        onLeft('died');
        return EMPTY;
      }),
    );
    const gone: HostCount = { type: 'gone', host };
    return concat(
      life$,
      defer(() => of(gone, ...end)),
    );
  });
}
