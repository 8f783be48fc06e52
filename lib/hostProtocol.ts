import type { Attributes, Milliseconds } from '../operators/types.js';
import type { CallAssignment, CallOutcome } from './callTypes.js';
import type { Bytes } from './memory.js';
import type { Snapshot } from './metricsSnapshot.js';

/** How often a host says that its event loop turns. */
export const BEAT_INTERVAL: Milliseconds = 1_000;

/** What the worker tells a call host. */
export type ToHost =
  | { readonly type: 'take'; readonly assignment: CallAssignment }
  /** Answers `ending`: LiveKit knows, the call may leave. */
  | { readonly type: 'leave'; readonly jobId: string }
  /** Release every call and exit. */
  | { readonly type: 'shutdown' };

/** What a call host tells the worker about one of its calls. */
export type FromCall =
  | { readonly type: 'joined'; readonly jobId: string; readonly participantSid: string }
  /** The bot's own attributes, at once and at each change: a successor has to know them. */
  | { readonly type: 'attributes'; readonly jobId: string; readonly attributes: Attributes }
  /** The call is about to leave its room, and waits for `leave`. */
  | { readonly type: 'ending'; readonly jobId: string; readonly outcome: CallOutcome }
  /** The call's last message. */
  | { readonly type: 'ended'; readonly jobId: string; readonly outcome: CallOutcome };

/** What a call host tells the worker. `ready` comes first, once. */
export type FromHost =
  | { readonly type: 'ready' }
  /** Its event loop turns, and it uses so much memory. Comes every second. */
  | { readonly type: 'beat'; readonly memory: Bytes }
  /** All that it has counted; only where somebody wants to know. The last one precedes the exit. */
  | { readonly type: 'metrics'; readonly snapshot: Snapshot }
  | FromCall;
