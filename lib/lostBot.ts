import { DisconnectReason, JobStatus } from '@livekit/protocol';
import type { AgentDispatch, WebhookEvent } from 'livekit-server-sdk';
import type { Attributes, Milliseconds } from '../operators/types.js';
import { isBot } from '../streams/roomBots.js';

/** A bot that is out of its room, and nobody meant it to be. */
export interface LostBot {
  readonly room: string;
  readonly roomSid: string;
  readonly identity: string;
  /** Its own, as they were last. */
  readonly attributes: Attributes;
  /** How long it was in the room. */
  readonly stay: Milliseconds;
}

// The server SDK brings protocol types of its own, whose enum TypeScript takes for another.
const SUCCESS: number = JobStatus.JS_SUCCESS;

/**
 * It took its leave (after it had released its people, or handed them over), somebody removed it or
 * closed its room, or it is back already or about to be, as itself. Of a process that died, or that
 * nothing is heard of, LiveKit says CONNECTION_TIMEOUT (measured: kill -9, and SIGSTOP).
 */
const MEANT: readonly number[] = [
  DisconnectReason.CLIENT_INITIATED,
  DisconnectReason.DUPLICATE_IDENTITY,
  DisconnectReason.SERVER_SHUTDOWN,
  DisconnectReason.PARTICIPANT_REMOVED,
  DisconnectReason.ROOM_DELETED,
  DisconnectReason.MIGRATION,
  DisconnectReason.ROOM_CLOSED,
];

/** The bot of an agent name that a webhook tells to be lost; undefined where it tells no such thing. */
export function lostBot(event: WebhookEvent, agentName: string): LostBot | undefined {
  const isOut = ['participant_left', 'participant_connection_aborted'].includes(event.event);
  const { room, participant, createdAt } = event;
  if (!isOut || room === undefined || participant === undefined) return undefined;
  const { identity, attributes, disconnectReason, joinedAt } = participant;
  if (!isBot(participant, agentName)) return undefined;
  if (MEANT.includes(disconnectReason)) return undefined;
  const stay = Number(createdAt - joinedAt) * 1_000;
  return { room: room.name, roomSid: room.sid, identity, attributes, stay };
}

/**
 * The dispatch by which a lost bot came. Undefined where its job is over: the dispatch was deleted,
 * by whoever ended the job, or by whoever has seen to the loss already.
 *
 * @param listed all dispatches of its room. A job is listed some 5 s after its start, and by
 *   livekit-server 1.13 with the state of that moment: it does not tell how the job ended.
 */
export function dispatchOf(
  lost: LostBot,
  listed: readonly AgentDispatch[],
  agentName: string,
): AgentDispatch | undefined {
  return listed.find(
    (dispatch) =>
      dispatch.agentName === agentName &&
      dispatch.state?.jobs.some(
        ({ room, state }) =>
          state?.participantIdentity === lost.identity &&
          (state.status as number) !== SUCCESS &&
          room?.sid === lost.roomSid,
      ),
  );
}
