import {
  defer,
  EMPTY,
  fromEvent,
  ignoreElements,
  interval,
  lastValueFrom,
  map,
  merge,
  type Observable,
  of,
  takeUntil,
  tap,
} from 'rxjs';
import type { CallAssignment } from './callTypes.js';
import { carryCalls, type CallScope, type CarryDeps, type WorkerLink } from './carryCalls.js';
import { loadSettings } from './config.js';
import { eventLoopLag } from './eventLoopLag.js';
import { BEAT_INTERVAL, type FromHost, type ToHost } from './hostProtocol.js';
import { createLogger } from './logger.js';
import { ownMemory } from './memory.js';
import { createMetrics } from './metrics.js';
import { metricsReports } from './metricsReports.js';

/*
 * Program of a call host: a process that the worker forks and that carries many calls. It obeys the
 * worker's channel alone. A terminal's Ctrl-C reaches the whole process group, and a host that
 * ended with it would drop its calls while the worker still waits for them to end.
 */
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
// A broken log pipe must not cost the calls.
process.stdout.on('error', () => undefined);

const settings = loadSettings();
const logger = createLogger(settings.logLevel, { process: 'host', pid: process.pid });

process.on('uncaughtException', (error) => {
  logger.error('call host crashed', { error });
  process.exit(1);
});

const link: WorkerLink = {
  message$: (fromEvent(process, 'message') as Observable<[ToHost, unknown]>).pipe(
    map(([message]) => message),
  ),
  // The worker may have died before anybody listened.
  gone$: defer(() => (process.connected ? fromEvent(process, 'disconnect') : of(undefined))),
  send: (message: FromHost) => process.connected && process.send?.(message),
};

// Without it rtc-node writes lines of its own between ours, redacted by nobody.
process.env.NODE_ENV = 'production';
// The native library is the slow part of the start: signals and the channel come first.
const [{ createHostClips }, { createHostTranscriber }, { muteNativeLogs }, { rehearse }, calls] =
  await Promise.all([
    import('./assets/hostClips.js'),
    import('./stt/hostTranscriber.js'),
    import('../streams/muteNativeLogs.js'),
    import('./rehearse.js'),
    import('./call.js'),
  ]);
muteNativeLogs();

const metrics = createMetrics();
const clips = createHostClips(settings, metrics.assets);
const transcriber = createHostTranscriber(settings.stt, logger, metrics.transcription);
const deps = {
  logger,
  runCall(assignment: CallAssignment, scope: CallScope) {
    return calls.runCall(assignment, { ...scope, settings, clips, transcriber, metrics });
  },
} satisfies CarryDeps;
// It keeps a process from everything else, and is soonest done while there is nothing else.
await transcriber.load();
const done = lastValueFrom(carryCalls(link, deps), { defaultValue: undefined });
link.send({ type: 'ready' });
void rehearse(settings);
const beat$ = interval(BEAT_INTERVAL).pipe(
  map((): FromHost => ({ type: 'beat', memory: ownMemory() })),
  takeUntil(done),
);
logger.info('call host ready');
const lag$ = eventLoopLag().pipe(
  tap((lag) => metrics.lagged(lag)),
  ignoreElements(),
  takeUntil(done),
);
const report$ =
  settings.prometheusPort === undefined ? EMPTY : merge(metricsReports(metrics, done), lag$);
await lastValueFrom(merge(done, merge(beat$, report$).pipe(tap(link.send))), {
  defaultValue: undefined,
});
clips.clear();
logger.info('call host done');
process.exit(0);
