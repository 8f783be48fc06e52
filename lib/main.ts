import {
  combineLatest,
  delay,
  filter,
  firstValueFrom,
  ignoreElements,
  lastValueFrom,
  map,
  merge,
  ReplaySubject,
  share,
  shareReplay,
  skip,
  take,
  tap,
} from 'rxjs';
import { fromSignals } from '../streams/fromSignals.js';
import type { Settings } from './config.js';
import { eventLoopLag } from './eventLoopLag.js';
import { serveHealth } from './health.js';
import { createHostPool } from './hostPool.js';
import { cpuLoad } from './load.js';
import { createLogger, type Logger } from './logger.js';
import { memoryShare } from './memoryShare.js';
import { metricsPage } from './metricsPage.js';
import { createWorkerMetrics } from './metricsWorker.js';
import { settingsOrExit } from './settingsOrExit.js';
import { succession } from './succession.js';
import { usedMemory } from './usedMemory.js';
import { runWorker, type WorkerStatus } from './worker.js';

const unreadyReason = ([status, warmHosts]: [WorkerStatus, number]): string | undefined => {
  if (status.draining) return 'draining';
  if (!status.registered) return 'not registered with LiveKit';
  return warmHosts === 0 ? 'no call host is ready' : undefined;
};

const isDrained = ({ draining, calls }: WorkerStatus) => draining && calls === 0;

/** Shares a stream, and shows its newest value to those who come later. */
const newest = <T>() => share<T>({ connector: () => new ReplaySubject<T>(1) });

/**
 * Runs the worker until it is drained, or fails.
 *
 * The first signal stops the taking of calls; a second one, or the end of the drain time, has the
 * hosts release the calls that are left. Either way LiveKit is told of every job's end.
 *
 * @returns the exit code.
 */
async function run(settings: Settings, logger: Logger): Promise<number> {
  const signal$ = fromSignals('SIGTERM', 'SIGINT').pipe(share());
  const drain$ = signal$.pipe(take(1), newest());
  const hurry$ = merge(signal$.pipe(skip(1)), drain$.pipe(delay(settings.drainTime)));
  const shutdown$ = new ReplaySubject<void>(1);
  const metrics = createWorkerMetrics();
  const pool = createHostPool({
    size: settings.numIdleProcesses,
    maxCalls: settings.hostMaxCalls,
    maxMemory: memoryShare(settings),
    logger,
    shutdown$,
    onLeft: (how) => metrics.hostLeft(how),
  });
  const load$ = cpuLoad().pipe(share());
  const memory$ = usedMemory(pool.memory$).pipe(share());
  const worker = { settings, logger, pool, metrics, load$, memory$, drain$ };
  const status$ = runWorker(worker).pipe(newest());
  const unready$ = combineLatest([status$, pool.warm$]).pipe(map(unreadyReason));

  const signals = merge(
    signal$.pipe(tap((signal) => logger.info('signal received', { signal }))),
    hurry$.pipe(tap(() => shutdown$.next())),
  ).subscribe();
  logger.info('worker starting');
  // Not `newest`: once complete, the hosts are not run again, whoever asks what they have counted.
  const counted$ = pool.running$.pipe(shareReplay({ bufferSize: 1, refCount: true }));
  const hosts = lastValueFrom(counted$, { defaultValue: undefined });
  const health$ = serveHealth(settings.healthPort, unready$).pipe(ignoreElements());
  const { warm$ } = pool;
  const lag$ = eventLoopLag();
  const page = { metrics, status$, warm$, load$, memory$, lag$, counted$ };
  const metrics$ = metricsPage(settings, page);
  const succession$ = succession({ settings, logger, metrics, drain$ });
  try {
    const drained$ = merge(status$, health$, metrics$, succession$).pipe(filter(isDrained));
    await firstValueFrom(drained$, { defaultValue: undefined });
    return 0;
  } catch (error) {
    logger.error('worker failed', { error });
    return 1;
  } finally {
    shutdown$.next();
    await hosts;
    signals.unsubscribe();
  }
}

const settings = settingsOrExit();
const logger = createLogger(settings.logLevel, { process: 'worker', pid: process.pid });

process.on('uncaughtException', (error) => {
  logger.error('worker crashed', { error });
  process.exit(1);
});

// A broken log pipe must not cost the calls.
process.stdout.on('error', () => undefined);

const exitCode = await run(settings, logger);
logger.info('worker done', { exitCode });
process.exit(exitCode);
