import './participants/quietRtcNode.js';

import { randomUUID } from 'node:crypto';

import {
  type DisconnectReason,
  type Participant,
  ParticipantKind,
  RoomEvent,
} from '@livekit/rtc-node';
import { AgentDispatchClient, RoomAgentDispatch, RoomServiceClient } from 'livekit-server-sdk';
import { defer, filter, from, fromEvent, map, merge, of } from 'rxjs';

import {
  playAttributes,
  type PlayRequest as PlayCommand,
  stopAttributes,
  transcribeAttributes,
  type TranscribeRequest,
} from '../lib/client/commands.js';
import { firstWithin } from './firstWithin.js';
import { type DemoParticipant, joinRoom } from './participants/joinRoom.js';
import type { ServerAccess } from './participants/mintToken.js';

const AGENT_NAME = 'media-bot';

/** What a target is to hear. */
export interface PlayRequest extends PlayCommand {
  /** Command id; a new UUID when missing. */
  readonly id?: string;
}

/** How a call is opened. */
export interface CallRequest {
  readonly room: string;
  /** Whether the room asks for the bot at its creation; true when missing. */
  readonly dispatch?: boolean;
  /** Dispatch metadata. */
  readonly metadata?: string;
}

/** The status in which the bot answers a command. */
export type MediaStatus = 'playing' | 'stopped' | 'ended' | 'failed';

/**
 * The Call Service of one call: opens the room, asks for the bot, commands it through attributes
 * and reads its answers, as the attribute contract says. It does nothing else, and does not wait
 * for the bot with its commands, as `livekit-media-bot/client` does: tests want to see in between.
 *
 * It sees events as a hidden participant of kind agent, which neither keeps the room alive nor is
 * seen by anybody; a Call Service without such an observer polls `RoomService.GetParticipant`.
 */
export class CallService {
  private readonly dispatcher: AgentDispatchClient;
  private readonly closed: Promise<DisconnectReason>;

  /** Use `openCall`. */
  constructor(
    server: ServerAccess,
    readonly room: string,
    readonly rooms: RoomServiceClient,
    private readonly observer: DemoParticipant,
  ) {
    const { apiKey, apiSecret } = server;
    this.dispatcher = new AgentDispatchClient(httpUrl(server), apiKey, apiSecret);
    this.closed = new Promise((resolve) => observer.room.once(RoomEvent.Disconnected, resolve));
  }

  /** Asks for a bot explicitly, as for a room that did not name it at its creation. */
  async dispatchBot(metadata = ''): Promise<string> {
    const dispatch = await this.dispatcher.createDispatch(this.room, AGENT_NAME, { metadata });
    return dispatch.id;
  }

  /** Resolves with the bot's identity as soon as it is in the room. */
  botJoined(within: number): Promise<string> {
    const { room } = this.observer;
    const present = defer(() => of(...room.remoteParticipants.values()));
    const joined = fromEvent(room, RoomEvent.ParticipantConnected).pipe(
      map((event) => event as Participant),
    );
    const bot = merge(joined, present).pipe(filter(isBot));
    return firstWithin(bot, within, 'a bot in the room').then(({ identity }) => identity);
  }

  /** Commands playback for a target, all keys in one call. Resolves with the command's id. */
  async play(target: string, request: PlayRequest): Promise<string> {
    const { id = randomUUID(), ...command } = request;
    await this.write(target, playAttributes(id, command));
    return id;
  }

  /** Commands silence for a target. Resolves with the command's id. */
  async stop(target: string, id: string = randomUUID()): Promise<string> {
    await this.write(target, stopAttributes(id));
    return id;
  }

  /**
   * Commands transcription; without a language it is to be detected. Resolves
   * with the command's id.
   */
  async transcribe(
    bot: string,
    request: TranscribeRequest,
    id: string = randomUUID(),
  ): Promise<string> {
    await this.write(bot, transcribeAttributes(id, request));
    return id;
  }

  /** Writes attributes as they are, in one call; the empty text deletes a key. */
  async write(target: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    await this.rooms.updateParticipant(this.room, target, { attributes: { ...attributes } });
  }

  /**
   * Resolves with the target's attributes once they hold the bot's answer to this command.
   *
   * @param status waits for this one; for any answer when missing.
   */
  answer(
    target: string,
    id: string,
    within: number,
    status?: MediaStatus,
  ): Promise<Readonly<Record<string, string>>> {
    return this.observer.waitForAttributes(
      target,
      (attributes) =>
        attributes['media.status_command_id'] === id &&
        (status === undefined || attributes['media.status'] === status),
      within,
    );
  }

  /** Resolves with the bot's attributes once they hold its answer to this command. */
  transcribeAnswer(
    bot: string,
    id: string,
    within: number,
  ): Promise<Readonly<Record<string, string>>> {
    return this.attributes(bot, (map) => map['stt.status_command_id'] === id, within);
  }

  /** Resolves with somebody's attributes as soon as they satisfy. */
  attributes(
    identity: string,
    satisfy: (attributes: Readonly<Record<string, string>>) => boolean,
    within: number,
  ): Promise<Readonly<Record<string, string>>> {
    return this.observer.waitForAttributes(identity, satisfy, within);
  }

  /** Resolves with the reason when the room is closed: `ROOM_DELETED` is the bot's or a person's doing. */
  roomClosed(within: number): Promise<DisconnectReason> {
    return firstWithin(from(this.closed), within, 'end of the room');
  }

  /** Closes the room, if it still exists, and stops observing. */
  async close(): Promise<void> {
    // Not found is the only failure there is on a server of one's own: it is closed already.
    await this.rooms.deleteRoom(this.room).catch(() => undefined);
    await this.observer.leave();
  }
}

/** Opens a call: creates the room, with the bot named in its configuration, and observes it. */
export async function openCall(server: ServerAccess, request: CallRequest): Promise<CallService> {
  const { room, dispatch = true, metadata = '' } = request;
  const rooms = new RoomServiceClient(httpUrl(server), server.apiKey, server.apiSecret);
  const agents = dispatch ? [new RoomAgentDispatch({ agentName: AGENT_NAME, metadata })] : [];
  await rooms.createRoom({ name: room, agents });
  const observer = await joinRoom(server, {
    room,
    identity: `call-service-${randomUUID()}`,
    kind: 'agent',
    grants: { hidden: true, canPublish: false, canSubscribe: false },
  });
  return new CallService(server, room, rooms, observer);
}

function isBot({ kind, attributes }: Participant): boolean {
  return kind === ParticipantKind.AGENT && attributes['lk.agent_name'] === AGENT_NAME;
}

function httpUrl({ url }: ServerAccess): string {
  return url.replace(/^ws/, 'http');
}
