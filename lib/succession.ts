import {
  catchError,
  EMPTY,
  filter,
  ignoreElements,
  map,
  mergeMap,
  type Observable,
  takeUntil,
  tap,
} from 'rxjs';
import type { Settings } from './config.js';
import { createDispatchService } from './dispatchService.js';
import type { Logger } from './logger.js';
import { lostBot } from './lostBot.js';
import type { WorkerMetrics } from './metricsWorker.js';
import { createRoomService } from './roomService.js';
import { succeed } from './succeed.js';
import { serveWebhooks } from './webhookServer.js';

/** What seeing to successors needs. */
export interface SuccessionDeps {
  readonly settings: Settings;
  readonly logger: Logger;
  /** Told of webhooks, and of each successor that has come, or has not. */
  readonly metrics: Pick<WorkerMetrics, 'succeeded' | 'webhook'>;
  /** Emits when other workers shall see to it. */
  readonly drain$: Observable<unknown>;
}

const API_TIMEOUT_SECONDS = 5;

/**
 * Has bots that were lost with their pods succeeded by others, where a port is set at which LiveKit
 * tells of what happens in its rooms.
 *
 *     webhooks    ---l-------l-l---     l: a bot is lost; told again, it is not
 *     dispatches  ----d-------d----
 *
 * What is to be done is decided by what LiveKit says then, never by what was seen before: a webhook
 * that is repeated, or that several workers get, does nothing more, whoever has restarted since.
 *
 * Emits nothing. Errors when the port cannot be had.
 */
export function succession(deps: SuccessionDeps): Observable<never> {
  const { settings, metrics, drain$ } = deps;
  const { agentName, livekit, webhookPort } = settings;
  if (webhookPort === undefined) return EMPTY;
  const rooms = createRoomService(livekit, API_TIMEOUT_SECONDS);
  const dispatches = createDispatchService(livekit, API_TIMEOUT_SECONDS);
  // LiveKit repeats what finds nobody, and so tells another pod.
  const told$ = serveWebhooks(webhookPort, { ...deps, livekit }).pipe(takeUntil(drain$));
  return told$.pipe(
    map((event) => lostBot(event, agentName)),
    filter((lost) => lost !== undefined),
    mergeMap((lost) => {
      const logger = deps.logger.child({ room: lost.room });
      return succeed(lost, { agentName, rooms, dispatches, logger }).pipe(
        tap({
          next: (outcome) => {
            logger.info('successor has come');
            metrics.succeeded(outcome);
          },
          complete: () => logger.debug('loss seen to', { identity: lost.identity }),
        }),
        catchError((error: unknown) => {
          logger.error('no successor', { error });
          metrics.succeeded('failed');
          return EMPTY;
        }),
      );
    }),
    ignoreElements(),
  );
}
