import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  AutoSubscribe,
  cli,
  defineAgent,
  InferenceRunner,
  type JobContext,
  type JobRequest,
  ServerOptions,
} from '@livekit/agents';
import { lastValueFrom, NEVER, tap } from 'rxjs';
import type { Milliseconds } from '../operators/types.js';
import { muteNativeLogs } from '../streams/muteNativeLogs.js';
import { loadSettings, type Settings } from './config.js';
import { createHostClips } from './assets/hostClips.js';
import { createLogger } from './logger.js';
import { createMetrics } from './metrics.js';
import { createRoomService } from './roomService.js';
import { PARTICIPANT_NAME } from './roomToken.js';
import { rtcConfiguration } from './rtcConfiguration.js';
import { session } from './session.js';
import { createHostTranscriber } from './stt/hostTranscriber.js';
import { settingsOrExit } from './settingsOrExit.js';

muteNativeLogs();

/** What @livekit/agents 1.9 calls its end-of-turn model. */
const END_OF_TURN_MODEL = 'lk_eot_audio';
const API_TIMEOUT_SECONDS = 10;
/** The stock 10 s are short on a busy machine, where a process would be ended and begun anew. */
const INITIALIZE_TIMEOUT: Milliseconds = 60_000;

/** Joins the room of a job and serves it until the job or the room ends. */
async function serve(context: JobContext): Promise<void> {
  const settings = loadSettings();
  // Counted for nobody: the stock worker serves metrics of its own.
  const metrics = createMetrics();
  const clips = createHostClips(settings, metrics.assets);
  const room = context.job.room?.name ?? '';
  const logger = createLogger(settings.logLevel, { process: 'agent', room, job: context.job.id });
  await context.connect(undefined, AutoSubscribe.SUBSCRIBE_NONE, rtcConfiguration(settings));
  const api = createRoomService(settings.livekit, API_TIMEOUT_SECONDS);
  const stay$ = session(context.room, { room, metadata: context.job.metadata }, api, {
    settings,
    logger,
    clips,
    transcriber: createHostTranscriber(settings.stt, logger, metrics.transcription),
    metrics,
    // The stock worker leaves the room itself when it ends a job.
    shutdown$: NEVER,
    endJob: () => Promise.resolve(),
  }).pipe(
    tap({
      finalize: () => {
        clips.clear();
        context.shutdown();
      },
    }),
  );
  const ended = lastValueFrom(stay$, { defaultValue: undefined }).catch((error: unknown) => {
    logger.error('call failed', { error });
  });
  // The people of the room are told before the job's process ends.
  context.addShutdownCallback(async () => {
    await ended;
  });
}

const accept = ({ agentName }: Settings) =>
  async function accepting(request: JobRequest): Promise<void> {
    await request.accept(PARTICIPANT_NAME, `media-bot-${randomUUID()}`, '', {
      'lk.agent_name': agentName,
    });
  };

/**
 * The same call for the stock worker of `@livekit/agents`: one process per call, hosted where that
 * worker is. It knows no density, and a call does not survive its process or its connection.
 *
 * Run it with `npm run start:agent`; the settings are those of `npm start`.
 */
export default defineAgent({ entry: serve });

/** Runs the stock worker, without the process of 300 MiB that its end-of-turn model would take. */
function runStockWorker(settings: Settings): void {
  // It is not started where the model's name is taken by something that is not listed.
  Object.defineProperty(InferenceRunner.registeredRunners, END_OF_TURN_MODEL, { value: 'unused' });
  const { livekit, agentName, numIdleProcesses, loadThreshold, maxRetry, healthPort } = settings;
  cli.runApp(
    new ServerOptions({
      agent: fileURLToPath(import.meta.url),
      agentName,
      requestFunc: accept(settings),
      wsURL: livekit.url,
      apiKey: livekit.apiKey,
      apiSecret: livekit.apiSecret,
      numIdleProcesses,
      initializeProcessTimeout: INITIALIZE_TIMEOUT,
      loadThreshold,
      maxRetry,
      port: healthPort,
      drainTimeout: settings.drainTime,
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) runStockWorker(settingsOrExit());
