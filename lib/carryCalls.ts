import {
  catchError,
  concat,
  defer,
  delay,
  filter,
  firstValueFrom,
  ignoreElements,
  merge,
  mergeMap,
  type Observable,
  of,
  shareReplay,
  take,
  takeUntil,
  takeWhile,
  tap,
  timer,
} from 'rxjs';
import type { Milliseconds } from '../operators/types.js';
import type { CallAssignment, CallContext, CallEvent } from './callTypes.js';
import type { FromHost, ToHost } from './hostProtocol.js';
import type { Logger } from './logger.js';

/** The channel to the worker. */
export interface WorkerLink {
  readonly message$: Observable<ToHost>;
  /** Emits when the worker is gone. */
  readonly gone$: Observable<unknown>;
  readonly send: (message: FromHost) => void;
}

/** What a call is given here; its host adds what all its calls share. */
export type CallScope = Pick<CallContext, 'logger' | 'shutdown$' | 'endJob'>;

/** What the process that carries the calls brings along. */
export interface CarryDeps {
  readonly logger: Logger;
  /** Carries one room. */
  runCall(assignment: CallAssignment, scope: CallScope): Observable<CallEvent>;
}

/** A call waits this long for the word that its job is closed; then it leaves all the same. */
const LEAVE_DEADLINE: Milliseconds = 2_000;
/** Releasing its people takes a call some requests to the server; nobody waits longer. */
const RELEASE_DEADLINE: Milliseconds = 10_000;

const FAILED: CallEvent = { type: 'ended', outcome: 'failed' };

/** Says that a job is over, and waits until the call may leave. */
const endJobOf =
  (jobId: string, { message$, gone$, send }: WorkerLink): CallContext['endJob'] =>
  async (outcome) => {
    const leave$ = message$.pipe(filter((m) => m.type === 'leave' && m.jobId === jobId));
    const mayLeave = firstValueFrom(merge(leave$, gone$, timer(LEAVE_DEADLINE)), {
      defaultValue: undefined,
    });
    send({ type: 'ending', jobId, outcome });
    await mayLeave;
  };

/** One call, from its assignment to its `ended`, which is sent whatever happens. */
function carryOne(
  assignment: CallAssignment,
  shutdown$: Observable<unknown>,
  link: WorkerLink,
  deps: CarryDeps,
): Observable<never> {
  const { jobId, room } = assignment;
  const logger = deps.logger.child({ job: jobId, room });
  const scope = { logger, shutdown$, endJob: endJobOf(jobId, link) };
  return concat(
    defer(() => deps.runCall(assignment, scope)),
    of(FAILED),
  ).pipe(
    catchError((error: unknown) => {
      logger.error('call crashed', { error });
      return of(FAILED);
    }),
    takeWhile(({ type }) => type !== 'ended', true),
    tap((event) => link.send({ ...event, jobId })),
    ignoreElements(),
  );
}

/**
 * Carries every call that the worker hands over, side by side: one subscription per call, and what
 * befalls one does not touch the others.
 *
 *     message  --t----t-------s           t: take, s: shutdown
 *     calls      -------d                 d: ended
 *                     -----------d
 *     result   ------------------|
 *
 * Completes when, told to shut down or left alone by the worker, all calls have ended; or 10 s
 * after that word at the latest.
 */
export function carryCalls(link: WorkerLink, deps: CarryDeps): Observable<never> {
  return defer(() => {
    const shutdown$ = merge(
      link.message$.pipe(filter(({ type }) => type === 'shutdown')),
      link.gone$,
    ).pipe(take(1), shareReplay({ bufferSize: 1, refCount: true }));
    const take$ = link.message$.pipe(
      filter((message) => message.type === 'take'),
      takeUntil(shutdown$),
    );
    const late$ = shutdown$.pipe(delay(RELEASE_DEADLINE));
    const carried$ = take$.pipe(
      mergeMap(({ assignment }) => carryOne(assignment, shutdown$, link, deps)),
    );
    return carried$.pipe(takeUntil(late$));
  });
}
