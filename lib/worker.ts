import type { WorkerMessage } from '@livekit/protocol';
import {
  BehaviorSubject,
  combineLatest,
  connect,
  defer,
  delayWhen,
  distinctUntilChanged,
  endWith,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  share,
  shareReplay,
  startWith,
  Subject,
  take,
  takeUntil,
  tap,
  timer,
  withLatestFrom,
} from 'rxjs';
import type { Milliseconds } from '../operators/types.js';
import { workerProtocol, type WorkerProtocolEvent } from '../streams/workerProtocol.js';
import {
  type AdmittedCalls,
  assign,
  type Circumstances,
  expectedLoad,
  refuse,
  without,
} from './admission.js';
import { answerJob } from './answerJob.js';
import type { CallAssignment } from './callTypes.js';
import { carryJob } from './carryJob.js';
import type { Settings } from './config.js';
import { createDispatchService } from './dispatchService.js';
import { handOver } from './handOver.js';
import type { HostPool } from './hostPool.js';
import { availableCores } from './load.js';
import type { Logger } from './logger.js';
import type { WorkerMetrics } from './metricsWorker.js';
import { release } from './release.js';
import { createRoomService } from './roomService.js';
import { totalOf, type UsedMemory } from './usedMemory.js';
import { capacityReport } from './workerMessages.js';

/** What the worker is composed of. */
export interface WorkerDeps {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly pool: HostPool;
  /** Told what becomes of jobs and of calls. */
  readonly metrics: Pick<WorkerMetrics, 'answered' | 'tookOver' | 'callStarted' | 'callEnded'>;
  /** CPU load of this machine or container, 0 to 1. */
  readonly load$: Observable<number>;
  /** What worker and hosts use. */
  readonly memory$: Observable<UsedMemory>;
  /** Emits when no further call shall be taken. */
  readonly drain$: Observable<unknown>;
}

/** How the worker fares. With `draining` and no `calls` its work is done. */
export interface WorkerStatus {
  /** Whether LiveKit has this worker on its list. */
  readonly registered: boolean;
  readonly draining: boolean;
  /** Calls promised or live. */
  readonly calls: number;
}

/**
 * Cores that a new call takes: 0.03 when playing (measured, 40 rooms in a process), and as much
 * again and more while it joins and decodes.
 */
const CORES_PER_CALL = 0.1;
/**
 * Calls are handed over one after the other, all of them in so long a time: while two bots are in a
 * room it costs twice, and joining many at once makes the music of all stutter.
 */
const HANDOVER_TIME: Milliseconds = 8_000;
const LONGEST_TURN: Milliseconds = 400;
const API_TIMEOUT_SECONDS = 2;

type Assigned = Extract<WorkerProtocolEvent, { type: 'assignment' }>;

const toAssignment = ({ job, url, token }: Assigned, settings: Settings): CallAssignment => ({
  jobId: job.id,
  room: job.room?.name ?? '',
  ...(job.room && { roomSid: job.room.sid }),
  identity: job.state?.participantIdentity ?? '',
  url: url ?? settings.livekit.url,
  token,
  metadata: job.metadata,
});

const pick =
  <T extends WorkerProtocolEvent['type']>(type: T) =>
  (event: WorkerProtocolEvent): event is Extract<WorkerProtocolEvent, { type: T }> =>
    event.type === type;

const logEvent = (logger: Logger) => (event: WorkerProtocolEvent) => {
  if (event.type === 'registered') logger.info('registered with LiveKit', event);
  if (event.type === 'disconnected') logger.warn('LiveKit unreachable, trying again', event);
  if (event.type === 'unknown') logger.warn('unknown message from LiveKit ignored');
  // A hint only: sent as well when a call rejoins its room. A call ends when it is removed from it.
  if (event.type === 'termination') logger.debug('job termination ignored', { job: event.jobId });
};

function drainingOf(drain$: Observable<unknown>): Observable<boolean> {
  return drain$.pipe(
    take(1),
    map(() => true),
    startWith(false),
  );
}

type Capacity = Omit<Circumstances, 'calls' | 'now'>;

const report = (capacity: Capacity, calls: AdmittedCalls): WorkerMessage => {
  const circumstances = { ...capacity, calls, now: Date.now() };
  return capacityReport({
    load: expectedLoad(circumstances),
    full: refuse(circumstances) !== undefined,
    jobCount: calls.size,
  });
};

function capacityOf({ settings, pool, load$, memory$, drain$ }: WorkerDeps): Observable<Capacity> {
  const { loadThreshold, memoryLimit } = settings;
  return combineLatest({
    load: load$.pipe(startWith(0)),
    memory: memory$.pipe(map(totalOf), startWith(0)),
    draining: drainingOf(drain$),
    warmHosts: pool.warm$,
  }).pipe(
    map((state) => ({
      ...state,
      loadThreshold,
      loadPerCall: CORES_PER_CALL / availableCores(),
      memoryLimit,
    })),
    shareReplay({ bufferSize: 1, refCount: true }),
  );
}

/** How long a call waits for those before it when all of them are handed over. */
function turnOf(jobId: string, calls: AdmittedCalls): Milliseconds {
  const turn = Math.min(LONGEST_TURN, HANDOVER_TIME / calls.size);
  return [...calls.keys()].indexOf(jobId) * turn;
}

/** Carries an assigned call; it counts from its promise to its end. */
function carry(
  event: Assigned,
  calls$: BehaviorSubject<AdmittedCalls>,
  { settings, pool, logger, metrics, drain$ }: WorkerDeps,
): Observable<WorkerMessage> {
  return defer(() => {
    const assignment = toAssignment(event, settings);
    const { jobId, room, identity } = assignment;
    calls$.next(assign(calls$.value, jobId, { room, identity, admittedAt: Date.now() }));
    const callLogger = logger.child({ job: jobId, room });
    callLogger.info('call assigned', { identity });
    metrics.callStarted();
    const api = createRoomService(settings.livekit, API_TIMEOUT_SECONDS);
    const handOver$ = defer(() =>
      handOver(assignment, {
        dispatches: createDispatchService(settings.livekit, API_TIMEOUT_SECONDS),
        rooms: api,
        agentName: settings.agentName,
        logger: callLogger,
      }),
    );
    return carryJob(assignment, {
      pool,
      logger: callLogger,
      release$: release({ api, roomName: room, identity, settings, logger: callLogger }),
      onTakeOver: (outcome) => metrics.tookOver(outcome),
      onEnded: (outcome) => metrics.callEnded(outcome),
    }).pipe(
      connect((call$) => {
        const ended$ = call$.pipe(ignoreElements(), endWith(undefined));
        const drained$ = drain$.pipe(
          take(1),
          delayWhen(() => timer(turnOf(jobId, calls$.value))),
          mergeMap(() => handOver$),
          takeUntil(ended$),
        );
        return merge(call$, drained$);
      }),
      finalize(() => calls$.next(without(calls$.value, jobId))),
    );
  });
}

/** What this worker says to the server of its own accord or in answer. */
function replies(
  event$: Observable<WorkerProtocolEvent>,
  registered$: Observable<boolean>,
  calls$: BehaviorSubject<AdmittedCalls>,
  deps: WorkerDeps,
): Observable<WorkerMessage> {
  const { settings, logger, metrics } = deps;
  const answering = {
    agentName: settings.agentName,
    rooms: createRoomService(settings.livekit, API_TIMEOUT_SECONDS),
    logger,
    metrics,
    calls$,
  };
  const capacity$ = capacityOf(deps);
  const answer$ = event$.pipe(
    filter(pick('availability')),
    withLatestFrom(capacity$),
    mergeMap(([{ job }, capacity]) => answerJob(job, capacity, answering)),
  );
  const carry$ = event$.pipe(
    filter(pick('assignment')),
    mergeMap((event) => carry(event, calls$, deps)),
  );
  const report$ = combineLatest([registered$, capacity$]).pipe(
    filter(([registered]) => registered),
    map(([, capacity]) => report(capacity, calls$.value)),
  );
  return merge(answer$, carry$, report$);
}

/**
 * Registers with LiveKit, takes the calls it has room for, and has them carried by the pool.
 *
 *     result  s--s---s----#      s: status, whenever it changes; never completes
 *
 * While LiveKit is unreachable, live calls go on, and so does the attempt to register again.
 *
 * @returns errors with LiveKitLostError when that has failed for good. Unsubscribing leaves the
 * calls to the pool.
 */
export function runWorker(deps: WorkerDeps): Observable<WorkerStatus> {
  const { settings, logger, drain$ } = deps;
  return defer(() => {
    const outgoing$ = new Subject<WorkerMessage>();
    const calls$ = new BehaviorSubject<AdmittedCalls>(new Map());
    const options = { ...settings.livekit, ...settings };
    const event$ = workerProtocol(options, outgoing$).pipe(tap(logEvent(logger)), share());
    const registered$ = event$.pipe(
      filter(({ type }) => type === 'registered' || type === 'disconnected'),
      map(({ type }) => type === 'registered'),
      startWith(false),
      distinctUntilChanged(),
    );
    const sent$ = replies(event$, registered$, calls$, deps).pipe(
      tap((message) => outgoing$.next(message)),
      ignoreElements(),
    );
    const status$ = combineLatest({
      registered: registered$,
      draining: drainingOf(drain$),
      calls: calls$.pipe(
        map(({ size }) => size),
        distinctUntilChanged(),
      ),
    });
    return merge(sent$, status$);
  });
}
