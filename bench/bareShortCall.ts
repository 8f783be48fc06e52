import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { RoomServiceClient } from 'livekit-server-sdk';

import { joinRoom } from '../demo/participants/joinRoom.js';
import type { ServerAccess } from '../demo/participants/mintToken.js';
import type { BareSdk } from './startBareSdk.js';

const DEADLINE_MS = 30_000;

/** A short call like that of the worker, with the bare SDK in the bot's place. */
export async function bareShortCall(
  server: ServerAccess,
  bare: BareSdk,
  { room, hz, toneMs }: { readonly room: string; readonly hz: number; readonly toneMs: number },
): Promise<void> {
  const rooms = new RoomServiceClient(server.url, server.apiKey, server.apiSecret);
  await rooms.createRoom({ name: room });
  const caller = await joinRoom(server, { room, identity: 'caller', kind: 'sip' });
  await bare.join(room);
  const heard = caller.waitForTone(hz, { within: DEADLINE_MS });
  await rooms.updateParticipant(room, 'caller', {
    attributes: { 'media.command': 'play', 'media.command_id': randomUUID() },
  });
  await heard;
  await sleep(toneMs);
  await rooms.deleteRoom(room);
  await caller.leave();
}
