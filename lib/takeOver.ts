import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  filter,
  mergeMap,
  type Observable,
  of,
  retry,
  take,
  tap,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import type { Attributes, Milliseconds } from '../operators/types.js';
import type { CallAssignment } from './callTypes.js';
import { HostLost } from './carrier.js';
import type { HostPool } from './hostPool.js';
import type { FromCall } from './hostProtocol.js';
import type { Logger } from './logger.js';

/** What taking over needs. */
export interface TakeOverDeps {
  readonly pool: Pick<HostPool, 'run' | 'warm$'>;
  readonly logger: Logger;
  /** Leaves nobody deaf or waiting in the room when it gets no bot any more. */
  readonly release$: Observable<never>;
  /** Told of each call that another host shall take over, and of each that is given up. */
  readonly onTakeOver: (outcome: 'taken_over' | 'given_up') => void;
}

/** Hosts that a call may lose in a row: it may be what kills them. */
const MOST_LOSSES = 3;
/** A host that has carried the call for so long did not die of it. */
const PROVEN: Milliseconds = 60_000;
/** How long a call waits for a host: several starts of one, on a machine that is busy. */
const PATIENCE: Milliseconds = 30_000;

/**
 * Has a call carried by the pool, and by another host of it when its host dies.
 *
 *     host 1   -j-a-#              j: joined, a: own attributes, #: dies
 *     host 2        -j-a--ed|      e: ending, d: ended
 *     result   -j-a--j-a--ed|
 *
 * The next host goes on as the same participant, with the attributes that it had. A call whose host
 * has died three times, each within a minute, is given up, and so is one for which no host is warm
 * within 30 s: its people are released, and it has `ended` as `failed`.
 */
export function takeOver(
  assignment: CallAssignment,
  { pool, logger, release$, onTakeOver }: TakeOverDeps,
): Observable<FromCall> {
  // After this turn, in which the pool takes the dead host off its list.
  const host$ = timer(0).pipe(
    mergeMap(() => pool.warm$),
    filter((warm) => warm > 0),
    timeout({ first: PATIENCE, with: () => throwError(() => new HostLost('no host is warm')) }),
    take(1),
  );
  return defer(() => {
    let attributes: Attributes | undefined;
    let losses = 0;
    const attempt$ = defer(() => {
      const begun = asyncScheduler.now();
      const isProven = () => asyncScheduler.now() - begun > PROVEN;
      return pool.run(attributes ? { ...assignment, attributes } : assignment).pipe(
        tap({
          next: (report) => {
            if (report.type === 'attributes') attributes = report.attributes;
          },
          error: () => (losses = isProven() ? 1 : losses + 1),
        }),
      );
    });
    return attempt$.pipe(
      retry({
        delay: (error: unknown) => {
          if (!(error instanceof HostLost) || losses >= MOST_LOSSES) throw error;
          logger.warn('call to be taken over', { error, losses });
          return host$.pipe(tap(() => onTakeOver('taken_over')));
        },
      }),
      catchError((error: unknown) => {
        logger.error('call given up', { error });
        onTakeOver('given_up');
        const failed = { type: 'ended', jobId: assignment.jobId, outcome: 'failed' } as const;
        return concat(release$, of(failed));
      }),
    );
  });
}
