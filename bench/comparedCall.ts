import { RoomAgentDispatch, RoomServiceClient } from 'livekit-server-sdk';

import { joinRoom } from '../demo/participants/joinRoom.js';
import type { ServerAccess } from '../demo/participants/mintToken.js';
import { CommandedCaller } from './commandedCaller.js';
import type { BareSdk } from './startBareSdk.js';

/** The two that are compared. */
export const SIDES = ['worker', 'floor'] as const;

/** One of the two that are compared. */
export type Side = (typeof SIDES)[number];

/** A room of the worker's and a room of the floor's, with a caller in each. */
export interface ComparedCall {
  readonly callers: Readonly<Record<Side, CommandedCaller>>;
  close(): Promise<void>;
}

/** Opens both rooms under names that end with a number of their own. */
export async function openComparedCall(
  server: ServerAccess,
  bare: BareSdk,
  number: number,
): Promise<ComparedCall> {
  const rooms = new RoomServiceClient(server.url, server.apiKey, server.apiSecret);
  const nameOf = (side: Side) => `${side} ${number}`;
  const agents = [new RoomAgentDispatch({ agentName: 'media-bot' })];
  await rooms.createRoom({ name: nameOf('worker'), agents });
  await bare.join(nameOf('floor'));
  const join = (side: Side) =>
    joinRoom(server, { room: nameOf(side), identity: 'caller', kind: 'sip' });
  const ears = { worker: await join('worker'), floor: await join('floor') };
  const command = (side: Side) => new CommandedCaller(rooms, nameOf(side), ears[side]);
  return {
    callers: { worker: command('worker'), floor: command('floor') },
    close: async () => {
      for (const side of SIDES) {
        await ears[side].leave();
        await rooms.deleteRoom(nameOf(side));
      }
    },
  };
}
