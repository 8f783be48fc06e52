import type { WorkerMessage } from '@livekit/protocol';
import {
  concat,
  connect,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  merge,
  mergeMap,
  type Observable,
  of,
  take,
  tap,
} from 'rxjs';
import type { CallAssignment, CallOutcome } from './callTypes.js';
import type { HostPool } from './hostPool.js';
import type { FromCall } from './hostProtocol.js';
import { takeOver, type TakeOverDeps } from './takeOver.js';
import { jobOver, jobRunning } from './workerMessages.js';

/** What carrying a job needs. */
export interface CarryJobDeps extends TakeOverDeps {
  readonly pool: Pick<HostPool, 'run' | 'warm$' | 'leave'>;
  /** Told when the call is over. */
  readonly onEnded: (outcome: CallOutcome) => void;
}

/**
 * Has a call carried by a host, and keeps the server informed of its job.
 *
 *     host    --j------e----d|     j: joined, e: ending, d: ended
 *     result  r--------o----|      r: job running, o: job over
 *
 * The job's end is said before the call leaves its room, for a bot that leaves with its job open
 * counts as failed. Where its host dies, another takes it over.
 */
export function carryJob(
  assignment: CallAssignment,
  deps: CarryJobDeps,
): Observable<WorkerMessage> {
  const { pool, logger, onEnded } = deps;
  const { jobId } = assignment;
  const letLeave$ = defer(() => {
    pool.leave(jobId);
    return EMPTY;
  });
  const log = (report: FromCall) =>
    logger.info(`call ${report.type}`, { ...report, jobId: undefined });
  const job$ = takeOver(assignment, deps).pipe(
    connect((report$) =>
      merge(
        report$.pipe(
          filter(({ type }) => type !== 'attributes'),
          tap(log),
          ignoreElements(),
        ),
        report$.pipe(
          filter((report) => report.type === 'ending' || report.type === 'ended'),
          take(1),
          tap(({ outcome }) => onEnded(outcome)),
          mergeMap(({ outcome }) => concat(of(jobOver(jobId, outcome)), letLeave$)),
        ),
      ),
    ),
  );
  return concat(of(jobRunning(jobId)), job$);
}
