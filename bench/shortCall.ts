import '../demo/participants/quietRtcNode.js';

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { DisconnectReason, RoomEvent } from '@livekit/rtc-node';
import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';

import { type DemoParticipant, joinRoom } from '../demo/participants/joinRoom.js';
import type { ServerAccess } from '../demo/participants/mintToken.js';
import { carriesTone } from '../demo/toneRecognizer.js';

/** What is played in a short call. */
export interface ShortTone {
  readonly url: string;
  readonly hz: number;
}

/** How a short call went. */
export interface ShortCall {
  /** For how long its caller heard the tone, in milliseconds. */
  readonly heardMs: number;
  /** How often the bot was asked for: a dispatch that finds a worker too busy is lost. */
  readonly dispatches: number;
  /** How often the caller had to join: rtc-node itself refuses now and then. */
  readonly joins: number;
}

const DEADLINE_MS = 60_000;
/** A bot that does not come within this time was not told; one comes within half a second. */
const PATIENCE_MS = 2_000;
const ATTEMPTS = 30;
const WINDOW_MS = 20;

/**
 * The shortest call that is one: a room, a caller, a bot that is asked for, a tone that plays once,
 * and its end, with which the bot closes the room.
 *
 * @throws Error when the bot does not come, or does not close the room, within a minute each.
 */
export async function shortCall(
  server: ServerAccess,
  room: string,
  { url, hz }: ShortTone,
): Promise<ShortCall> {
  const rooms = new RoomServiceClient(server.url, server.apiKey, server.apiSecret);
  await rooms.createRoom({ name: room });
  const { caller, joins } = await join(server, room);
  try {
    const dispatches = await dispatch(server, room, caller);
    const closed = closing(caller, room);
    await rooms.updateParticipant(room, 'caller', {
      attributes: {
        'media.command': 'play',
        'media.asset_url': url,
        'media.loop': 'false',
        'media.command_id': randomUUID(),
      },
    });
    await closed;
    const windows = caller.heardSince(0).filter(({ samples }) => carriesTone(samples, hz));
    return { heardMs: windows.length * WINDOW_MS, dispatches, joins };
  } finally {
    await caller.leave();
  }
}

/** A join that fails is made once more: it says nothing of the bot. */
async function join(server: ServerAccess, room: string) {
  const attempt = () => joinRoom(server, { room, identity: 'caller', kind: 'sip' });
  try {
    return { caller: await attempt(), joins: 1 };
  } catch (error) {
    console.warn(`a caller could not join ${room}: ${String(error)}`);
    return { caller: await attempt(), joins: 2 };
  }
}

/** Asks for the bot until the caller has its track; resolves with how often. */
async function dispatch(
  { url, apiKey, apiSecret }: ServerAccess,
  name: string,
  { room }: DemoParticipant,
): Promise<number> {
  const dispatcher = new AgentDispatchClient(url, apiKey, apiSecret);
  const subscribed = once(room, RoomEvent.TrackSubscribed).then(() => true);
  for (let dispatches = 1; dispatches <= ATTEMPTS; dispatches += 1) {
    // One that is late, or refused because a bot is there already, does no harm.
    await dispatcher.createDispatch(name, 'media-bot');
    if (await Promise.race([subscribed, sleep(PATIENCE_MS, false)])) return dispatches;
  }
  throw new Error(`no bot in ${name}`);
}

async function closing({ room }: DemoParticipant, name: string): Promise<void> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const [reason] = (await once(room, RoomEvent.Disconnected, { signal })) as [DisconnectReason];
  if (reason !== DisconnectReason.ROOM_DELETED) {
    throw new Error(`${name} was left for ${DisconnectReason[reason]}, not closed`);
  }
}
