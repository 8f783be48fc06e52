import { JobStatus } from '@livekit/protocol';
import type { AgentDispatchClient } from 'livekit-server-sdk';
import {
  catchError,
  defer,
  EMPTY,
  exhaustMap,
  ignoreElements,
  type Observable,
  timer,
} from 'rxjs';
import type { Milliseconds } from '../operators/types.js';
import type { CallAssignment } from './callTypes.js';
import type { Logger } from './logger.js';

/** What handing a call over needs. */
export interface HandOverDeps {
  readonly dispatches: AgentDispatchClient;
  readonly agentName: string;
  readonly logger: Logger;
}

/** LiveKit drops a job that no worker takes, and tells nobody: so it is looked for, and asked again. */
const ASKED_AGAIN: Milliseconds = 3_000;

// The server SDK brings protocol types of its own, whose enum TypeScript takes for another.
const OVER: readonly number[] = [JobStatus.JS_SUCCESS, JobStatus.JS_FAILED];

/** The metadata of the bot's own dispatch, and whom its successor relieves. */
function handoverMetadata({ metadata, identity }: CallAssignment): string {
  return JSON.stringify({ ...readObject(metadata), handover_from: identity });
}

function readObject(json: string): object {
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

/**
 * Asks LiveKit for another worker's bot to relieve the one of this call, again and again until it
 * is unsubscribed from: when that bot does what this one did, the call ends by itself. A call that
 * nobody takes goes on where it is. Emits nothing, never errors.
 *
 *     dispatch  --d----d----d------       as long as nobody takes it
 *     result    -------------------
 */
export function handOver(
  assignment: CallAssignment,
  { dispatches, agentName, logger }: HandOverDeps,
): Observable<never> {
  const { room } = assignment;
  return defer(() => {
    let asked: string | undefined;
    async function isTaken(id: string): Promise<boolean> {
      const dispatch = await dispatches.getDispatch(id, room);
      return dispatch?.state?.jobs.some(({ state }) => !OVER.includes(state?.status ?? 0)) === true;
    }
    async function ask(): Promise<void> {
      if (asked !== undefined) {
        if (await isTaken(asked)) return;
        logger.warn('nobody takes the call over, asking again');
        await dispatches.deleteDispatch(asked, room).catch(() => undefined);
      }
      const metadata = handoverMetadata(assignment);
      const { id } = await dispatches.createDispatch(room, agentName, { metadata });
      asked = id;
    }
    return timer(0, ASKED_AGAIN).pipe(
      exhaustMap(() =>
        defer(ask).pipe(
          catchError((error: unknown) => {
            logger.warn('call cannot be handed over yet', { error });
            return EMPTY;
          }),
        ),
      ),
      ignoreElements(),
    );
  });
}
