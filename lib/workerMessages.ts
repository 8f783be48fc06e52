import { JobStatus, WorkerMessage, WorkerStatus } from '@livekit/protocol';
import { BOT_ATTRIBUTES } from '../operators/botAttributes.js';
import type { CallOutcome } from './callTypes.js';
import { PARTICIPANT_NAME } from './roomToken.js';

/** What is reported about this worker's capacity. */
export interface Capacity {
  /** Expected load, 0 to 1. */
  readonly load: number;
  /** Whether no call would be taken now. */
  readonly full: boolean;
  readonly jobCount: number;
}

/**
 * The server drops a job without asking anybody once every worker of that name reports its target
 * load of 0.7 (`agents.target_load`, as affinity in pkg/service/agentservice.go). This worker's
 * threshold is its own, so while it has room it stays below that.
 */
const HIGHEST_AVAILABLE_LOAD = 0.69;

/**
 * Accepts a job; the server then assigns it with a token for this identity.
 *
 * @param relieved the bot that this one relieves.
 * @param outlived other bots of the room, which were found dead.
 */
export function accept(
  jobId: string,
  identity: string,
  agentName: string,
  relieved?: string,
  outlived: readonly string[] = [],
): WorkerMessage {
  return new WorkerMessage({
    message: {
      case: 'availability',
      value: {
        jobId,
        available: true,
        participantIdentity: identity,
        participantName: PARTICIPANT_NAME,
        participantAttributes: {
          'lk.agent_name': agentName,
          ...(relieved !== undefined && { [BOT_ATTRIBUTES.relieves]: relieved }),
          ...(outlived.length > 0 && { [BOT_ATTRIBUTES.outlives]: outlived.join(' ') }),
        },
      },
    },
  });
}

/** Turns a job away. The server asks the next worker, unless `final`: then it counts as done. */
export function decline(jobId: string, final: boolean): WorkerMessage {
  return new WorkerMessage({
    message: { case: 'availability', value: { jobId, available: false, terminate: final } },
  });
}

const jobStatus = (jobId: string, status: JobStatus, error = '') =>
  new WorkerMessage({ message: { case: 'updateJob', value: { jobId, status, error } } });

/** Says that a job is being carried. */
export function jobRunning(jobId: string): WorkerMessage {
  return jobStatus(jobId, JobStatus.JS_RUNNING);
}

/** Says that a job is over, and how. */
export function jobOver(jobId: string, outcome: CallOutcome): WorkerMessage {
  return outcome === 'failed'
    ? jobStatus(jobId, JobStatus.JS_FAILED, 'the call failed')
    : jobStatus(jobId, JobStatus.JS_SUCCESS);
}

/** Tells the server how busy this worker is. */
export function capacityReport({ load, full, jobCount }: Capacity): WorkerMessage {
  const status = full ? WorkerStatus.WS_FULL : WorkerStatus.WS_AVAILABLE;
  const shown = full ? Math.min(load, 1) : Math.min(load, HIGHEST_AVAILABLE_LOAD);
  return new WorkerMessage({
    message: { case: 'updateWorker', value: { status, load: shown, jobCount } },
  });
}
