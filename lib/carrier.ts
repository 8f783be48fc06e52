import {
  BehaviorSubject,
  concat,
  defer,
  EMPTY,
  filter,
  finalize,
  merge,
  type Observable,
  takeWhile,
  throwError,
} from 'rxjs';
import type { CallAssignment } from './callTypes.js';
import type { HostProcess } from './forkHost.js';
import type { FromCall, FromHost } from './hostProtocol.js';

/** A call has no host any more; another one can take it. */
export class HostLost extends Error {
  override readonly name = 'HostLost';
}

/** What a host carries. */
export interface Burden {
  /** Calls that it carries now. */
  readonly jobIds: ReadonlySet<string>;
  /** Calls so far, those that have ended included. */
  readonly taken: number;
  /** Whether it shall take no more, where another host can. */
  readonly retiring: boolean;
}

/** A host that is ready, and what it carries. */
export interface Carrier {
  readonly process: HostProcess;
  readonly burden$: BehaviorSubject<Burden>;
}

/** A host that has carried nothing so far. */
export function createCarrier(process: HostProcess): Carrier {
  const burden$ = new BehaviorSubject<Burden>({ jobIds: new Set(), taken: 0, retiring: false });
  return { process, burden$ };
}

const isReportOf =
  (jobId: string) =>
  (message: FromHost): message is FromCall =>
    'jobId' in message && message.jobId === jobId;

/**
 * Has a host carry a call. Emits what it reports, and completes after `ended`. Errors: HostLost
 * when the host dies first.
 */
export function carryIn(
  { process, burden$ }: Carrier,
  assignment: CallAssignment,
): Observable<FromCall> {
  const { jobId } = assignment;
  const change = (changed: Partial<Burden>) => burden$.next({ ...burden$.value, ...changed });
  return defer(() => {
    const report$ = process.message$.pipe(filter(isReportOf(jobId)));
    const take$ = defer(() => {
      const { jobIds, taken } = burden$.value;
      change({ jobIds: new Set([...jobIds, jobId]), taken: taken + 1 });
      process.send({ type: 'take', assignment });
      return EMPTY;
    });
    const died$ = throwError(() => new HostLost('the call host has died'));
    return concat(merge(report$, take$), died$);
  }).pipe(
    takeWhile(({ type }) => type !== 'ended', true),
    finalize(() =>
      change({ jobIds: new Set([...burden$.value.jobIds].filter((each) => each !== jobId)) }),
    ),
  );
}
