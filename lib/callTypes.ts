import type { Observable } from 'rxjs';
import type { Clips } from './assets/clips.js';
import type { Attributes } from '../operators/types.js';
import type { Settings } from './config.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import type { HostTranscriber } from './stt/hostTranscriber.js';

/** One room to serve, as the worker hands it to a call host. Plain data: it crosses a process boundary. */
export interface CallAssignment {
  readonly jobId: string;
  readonly room: string;
  /** SID of the room that the job is for: another one may have its name by now. */
  readonly roomSid?: string;
  /** `media-bot-<uuid>`: the participant that this call is. */
  readonly identity: string;
  /** Signal address of the LiveKit server. */
  readonly url: string;
  /** The job's own token; valid for the first join only (it expires after an hour). */
  readonly token: string;
  /** Dispatch metadata, as written by the Call Service. */
  readonly metadata: string;
  /** The bot's own attributes, where it is to go on with a call that another host has lost. */
  readonly attributes?: Attributes;
}

/**
 * How a call ended: `completed` by the room's end or on request, `handed_over` to another bot,
 * `failed` by a loss that no retry cured.
 */
export type CallOutcome = 'completed' | 'handed_over' | 'failed';

/** What a call tells its host. `ended` is the last event, after which the stream completes. */
export type CallEvent =
  | { readonly type: 'joined'; readonly participantSid: string }
  /** The bot's own attributes, at once and at each change. */
  | { readonly type: 'attributes'; readonly attributes: Attributes }
  | { readonly type: 'ended'; readonly outcome: CallOutcome };

/** What a call needs from the process that carries it. */
export interface CallContext {
  readonly settings: Settings;
  readonly logger: Logger;
  /** Assets, shared by the calls of a host. */
  readonly clips: Clips;
  /** Voices into text, shared by the calls of a host. */
  readonly transcriber: HostTranscriber;
  /** Where it counts; shared by the calls of a host. */
  readonly metrics: Metrics;
  /** Emits, also to those who subscribe later, when this call shall release its people and leave. */
  readonly shutdown$: Observable<unknown>;
  /** Tells LiveKit that the job is over; awaited before leaving, for a job left open counts as failed. */
  readonly endJob: (outcome: CallOutcome) => Promise<void>;
}
