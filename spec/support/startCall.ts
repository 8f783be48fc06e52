import { randomUUID } from 'node:crypto';
import type { Room } from '@livekit/rtc-node';
import { filter, type Observable, ReplaySubject } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import { mintToken, type ServerAccess } from '../../demo/participants/mintToken.js';
import { runCall } from '../../lib/call.js';
import type { CallEvent, CallOutcome } from '../../lib/callTypes.js';
import { createLogger, type Logger } from '../../lib/logger.js';
import { createMetrics, type ProcessMetrics } from '../../lib/metrics.js';
import { createHostClips } from '../../lib/assets/hostClips.js';
import { createHostTranscriber } from '../../lib/stt/hostTranscriber.js';
import type { Attributes } from '../../operators/types.js';
import { joinedRooms } from './joinedRooms.js';
import { settingsFor } from './settingsFor.js';

/** A call that runs in this process, as a call host runs it. */
export interface RunningCall {
  readonly identity: string;
  /** What the call has reported so far, then what it reports. */
  readonly events: Observable<CallEvent>;
  /** Outcomes that it had LiveKit told. */
  readonly endedJobs: readonly CallOutcome[];
  /** What it has counted. */
  readonly metrics: ProcessMetrics;
  /** The room as the bot's SDK sees it; the newest one after a rejoin. */
  readonly room: () => Room;
  readonly joined: (within: number) => Promise<CallEvent>;
  readonly ended: (within: number) => Promise<CallEvent>;
  /** Lets the call release its people and leave. */
  readonly shutdown: () => void;
  /** Takes the bot out of the room without any farewell. */
  readonly vanish: () => void;
}

/** What may be said about a call. */
export interface RunRequest {
  /** Environment variables beside the server's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Signal address, where it is not the server's own. */
  readonly url?: string;
  /** The job's token; a valid one when missing. */
  readonly token?: string;
  /** Dispatch metadata. */
  readonly metadata?: string;
  /** SID of the room that the job is for; of any room when missing. */
  readonly roomSid?: string;
  /** Whom the token is for. */
  readonly identity?: string;
  /** Where it logs to; to the output, warnings alone, when missing. */
  readonly logger?: Logger;
  /** The bot's own attributes under the host that has died; none had it when missing. */
  readonly attributes?: Attributes;
}

const jobToken = (server: ServerAccess, room: string, identity: string) =>
  mintToken(server, {
    room,
    identity,
    kind: 'agent',
    canUpdateOwnMetadata: true,
    attributes: { 'lk.agent_name': 'media-bot' },
  });

/** Runs a call in a room that exists. */
export async function startCall(
  server: ServerAccess,
  room: string,
  request: RunRequest = {},
): Promise<RunningCall> {
  const identity = request.identity ?? `media-bot-${randomUUID()}`;
  const { env, url = server.url } = request;
  const settings = settingsFor(server, { MEDIA_BOT_ICE_SERVERS: 'none', ...env });
  const metrics = createMetrics();
  const clips = createHostClips(settings, metrics.assets);
  const logger = request.logger ?? createLogger('warn', { room });
  const transcriber = createHostTranscriber(settings.stt, logger, metrics.transcription);
  const token = request.token ?? (await jobToken(server, room, identity));
  const shutdown$ = new ReplaySubject<undefined>(1);
  const events = new ReplaySubject<CallEvent>(Infinity);
  const endedJobs: CallOutcome[] = [];
  const [rooms, forgetRooms] = joinedRooms();
  const subscription = runCall(
    {
      jobId: `AJ_${randomUUID()}`,
      room,
      identity,
      url,
      token,
      metadata: request.metadata ?? '',
      ...(request.roomSid !== undefined && { roomSid: request.roomSid }),
      ...(request.attributes && { attributes: request.attributes }),
    },
    {
      settings,
      logger,
      clips,
      transcriber,
      metrics,
      shutdown$,
      endJob: (outcome) => Promise.resolve(void endedJobs.push(outcome)),
    },
  ).subscribe(events);
  subscription.add(forgetRooms);
  subscription.add(() => clips.clear());
  const first = (type: CallEvent['type'], within: number) =>
    firstWithin(events.pipe(filter((event) => event.type === type)), within, `the bot ${type}`);
  return {
    identity,
    events,
    endedJobs,
    metrics,
    room: () => rooms.findLast((joined) => joined.localParticipant?.identity === identity)!,
    joined: (within) => first('joined', within),
    ended: (within) => first('ended', within),
    shutdown: () => shutdown$.next(undefined),
    vanish: () => subscription.unsubscribe(),
  };
}
