import { setTimeout as sleep } from 'node:timers/promises';

import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import { filter, skip } from 'rxjs';

import { startBot } from '../demo/botProcess.js';
import { firstWithin } from '../demo/firstWithin.js';
import type { ServerAccess } from '../demo/participants/mintToken.js';
import { startBareSdk } from './startBareSdk.js';

/** What carries calls, and is measured doing so. */
export interface Subject {
  /** Root of the processes that count. */
  readonly pid: number;
  /** Has it take one more room. */
  carry(room: string): Promise<unknown>;
  stop(): Promise<unknown>;
}

const START_TIMEOUT_MS = 30_000;
/** A dispatch that finds the worker too busy at that moment is lost, and has to be made again. */
const ATTEMPTS = 12;
const LOOKS = 25;
const BETWEEN_LOOKS_MS = 200;

/** The built worker with two call hosts, all of them up. */
export async function startWorker(server: ServerAccess, assetOrigin: string): Promise<Subject> {
  const env = {
    MEDIA_BOT_ASSET_ORIGINS: assetOrigin,
    MEDIA_BOT_LOAD_THRESHOLD: '1',
    MEDIA_BOT_NUM_IDLE_PROCESSES: '2',
    // As much as it likes: how many calls fit into how much is the question.
    MEDIA_BOT_MEMORY_LIMIT_MB: '65536',
  };
  const bot = await startBot(server, { command: ['dist/lib/main.js'], env });
  const hosts = bot.logs.pipe(filter(({ message }) => message === 'call host ready'));
  await firstWithin(hosts.pipe(skip(1)), START_TIMEOUT_MS, 'a second call host');
  return { pid: bot.pid, carry: (room) => dispatch(server, room), stop: () => bot.stop() };
}

/** Asks for the bot until it is there. */
export async function dispatch(
  { url, apiKey, apiSecret }: ServerAccess,
  room: string,
): Promise<void> {
  const rooms = new RoomServiceClient(url, apiKey, apiSecret);
  const dispatcher = new AgentDispatchClient(url, apiKey, apiSecret);
  await rooms.createRoom({ name: room });
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    await dispatcher.createDispatch(room, 'media-bot');
    for (let look = 0; look < LOOKS; look += 1) {
      if ((await rooms.listParticipants(room)).length > 0) return;
      await sleep(BETWEEN_LOOKS_MS);
    }
  }
  throw new Error(`the worker takes no call in ${room}: the machine is too busy`);
}

/** The floor: the bare SDK, all rooms in one process. */
export async function startBare(
  server: ServerAccess,
  samples: Int16Array,
  frameMs: number,
): Promise<Subject> {
  const bare = await startBareSdk(server, frameMs, samples);
  return { pid: bare.pid, carry: (room) => bare.join(room), stop: () => bare.stop() };
}
