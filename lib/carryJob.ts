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
import type { CallAssignment } from './callTypes.js';
import type { HostPool } from './hostPool.js';
import type { FromCall } from './hostProtocol.js';
import type { Logger } from './logger.js';
import { jobOver, jobRunning } from './workerMessages.js';

/**
 * Has a call carried by a host, and keeps the server informed of its job.
 *
 *     host    --j------e----d|     j: joined, e: ending, d: ended
 *     result  r--------o----|      r: job running, o: job over
 *
 * The job's end is said before the call leaves its room, for a bot that leaves with its job open
 * counts as failed. A host that dies says nothing any more: its job is reported as failed.
 */
export function carryJob(
  assignment: CallAssignment,
  pool: HostPool,
  logger: Logger,
): Observable<WorkerMessage> {
  const { jobId } = assignment;
  const letLeave$ = defer(() => {
    pool.leave(jobId);
    return EMPTY;
  });
  const log = (report: FromCall) =>
    logger.info(`call ${report.type}`, { ...report, jobId: undefined });
  const job$ = pool.run(assignment).pipe(
    connect((report$) =>
      merge(
        report$.pipe(tap(log), ignoreElements()),
        report$.pipe(
          filter((report) => report.type !== 'joined'),
          take(1),
          mergeMap(({ outcome }) => concat(of(jobOver(jobId, outcome)), letLeave$)),
        ),
      ),
    ),
  );
  return concat(of(jobRunning(jobId)), job$);
}
