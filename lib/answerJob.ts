import { randomUUID } from 'node:crypto';
import type { Job, WorkerMessage } from '@livekit/protocol';
import type { ParticipantInfo, RoomServiceClient } from 'livekit-server-sdk';
import {
  type BehaviorSubject,
  catchError,
  defer,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  tap,
  timeout,
  timer,
} from 'rxjs';
import type { Milliseconds } from '../operators/types.js';
import { listBots } from '../streams/roomBots.js';
import {
  admit,
  type AdmittedCalls,
  botIn,
  type Circumstances,
  handoverFrom,
  PROMISE_TIME,
  refuse,
  type Refusal,
  without,
} from './admission.js';
import type { Logger } from './logger.js';
import type { WorkerMetrics } from './metricsWorker.js';
import { pingBots } from './pingBots.js';
import { accept, decline } from './workerMessages.js';

/** What answering needs. */
export interface AnswerDeps {
  readonly agentName: string;
  readonly rooms: RoomServiceClient;
  readonly logger: Logger;
  /** Told of each answer. */
  readonly metrics: Pick<WorkerMetrics, 'answered'>;
  /** All admitted calls; answering adds to them and takes lapsed ones away. */
  readonly calls$: BehaviorSubject<AdmittedCalls>;
}

/** The server gives up on an answer after 10 s; a second bot is the smaller evil. */
const LOOKUP_DEADLINE: Milliseconds = 2_000;

/** Bots that the server knows of in the job's room; none where it cannot be asked. */
function botsInRoom(
  job: Job,
  { agentName, rooms, logger }: AnswerDeps,
): Observable<readonly ParticipantInfo[]> {
  return listBots(rooms, job.room?.name ?? '', agentName).pipe(
    timeout(LOOKUP_DEADLINE),
    catchError((error: unknown) => {
      logger.warn('bots in the room unknown, taking the call', { job: job.id, error });
      return of([]);
    }),
  );
}

function turnAway(
  job: Job,
  refusal: Refusal,
  { logger, metrics }: AnswerDeps,
): Observable<WorkerMessage> {
  metrics.answered(refusal);
  logger.info('call turned away', { job: job.id, room: job.room?.name, reason: refusal });
  return of(decline(job.id, refusal === 'bot_present'));
}

/** Takes a promise back that no assignment has followed in time. */
function lapse(job: Job, { calls$, logger }: AnswerDeps): Observable<never> {
  return timer(PROMISE_TIME).pipe(
    tap(() => {
      if (calls$.value.get(job.id)?.assigned !== false) return;
      logger.warn('call promised but never assigned', { job: job.id });
      calls$.next(without(calls$.value, job.id));
    }),
    ignoreElements(),
  );
}

/** Who is relieved by a bot that joins, and who else was found dead. */
interface Predecessors {
  readonly relieved: string | undefined;
  readonly outlived: readonly string[];
}

/**
 * Emits once: whom a bot in the job's room would follow; `undefined` where one is there that
 * lives, and shall not be relieved.
 *
 * @param named the bot that the dispatch is to relieve.
 */
function predecessors(
  job: Job,
  named: string | undefined,
  deps: AnswerDeps,
): Observable<Predecessors | undefined> {
  const { agentName, rooms, logger } = deps;
  const room = job.room?.name ?? '';
  return botsInRoom(job, deps).pipe(
    mergeMap((bots) => {
      // Only a bot that is there can be relieved: one that is not may be about to join.
      const leaving = bots.find(({ identity }) => identity === named)?.identity;
      const others = bots.filter(({ identity }) => identity !== leaving);
      if (others.length === 0) return of({ relieved: leaving, outlived: [] });
      return pingBots(others, { rooms, room, agentName }, leaving).pipe(
        map(({ alive, silent }) => {
          if (alive) return undefined;
          if (silent.length > 0)
            logger.warn('bot gives no sign of life, its call is taken', {
              job: job.id,
              room,
              bots: silent.length,
            });
          const relieved = leaving ?? silent.at(-1);
          return { relieved, outlived: silent.filter((identity) => identity !== relieved) };
        }),
      );
    }),
  );
}

/**
 * Answers whether this worker takes a job. Emits one message, at most 4 s later, and completes
 * when the promise, if it was one, has been kept or has lapsed.
 *
 * A bot that is in the room already and gives no sign of life is relieved rather than deferred to.
 *
 * An accepted call is counted before the server is asked about its room, so that of two jobs
 * arriving together the second is judged with the first in mind.
 */
export function answerJob(
  job: Job,
  circumstances: Omit<Circumstances, 'calls' | 'now'>,
  deps: AnswerDeps,
): Observable<WorkerMessage> {
  return defer(() => {
    const { agentName, metrics, calls$ } = deps;
    const room = job.room?.name ?? '';
    const named = handoverFrom(job.metadata);
    const calls = calls$.value;
    if (botIn(calls, room, named)) return turnAway(job, 'bot_present', deps);
    const refusal = refuse({ ...circumstances, calls, now: Date.now() });
    if (refusal) return turnAway(job, refusal, deps);

    const identity = `media-bot-${randomUUID()}`;
    const call = { room, identity, admittedAt: Date.now(), relieves: named !== undefined };
    calls$.next(admit(calls, job.id, call));
    return predecessors(job, named, deps).pipe(
      mergeMap((found) => {
        if (found === undefined || botIn(calls, room, found.relieved)) {
          calls$.next(without(calls$.value, job.id));
          return turnAway(job, 'bot_present', deps);
        }
        metrics.answered(undefined);
        const { relieved, outlived } = found;
        const accepted = accept(job.id, identity, agentName, relieved, outlived);
        return merge(of(accepted), lapse(job, deps));
      }),
    );
  });
}
