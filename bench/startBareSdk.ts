import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { mintToken, type ServerAccess } from '../demo/participants/mintToken.js';
import { buildProgram } from './buildProgram.js';

/** A process that does with the bare SDK what the worker does: see `bareSdk`. */
export interface BareSdk {
  readonly pid: number;
  /** Joins a room, as `bare` where nothing else is said, and publishes the track. One at a time. */
  join(room: string, identity?: string): Promise<void>;
  /** Leaves a room again. One at a time. */
  leave(room: string): Promise<void>;
  /** Ends it with no chance of a farewell. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the floor.
 *
 * @param frameMs length of the frames it hands to the SDK.
 * @param samples what it plays: 48 kHz mono, as long as at least one frame.
 */
export async function startBareSdk(
  server: ServerAccess,
  frameMs: number,
  samples: Int16Array,
): Promise<BareSdk> {
  const folder = await mkdtemp(join(tmpdir(), 'bare-sdk-'));
  const file = join(folder, 'samples');
  await writeFile(file, samples);
  const env = { PATH: process.env.PATH, NODE_ENV: 'production' };
  const child = fork(await buildProgram('bareSdk'), [String(frameMs), file], { execArgv: [], env });
  const exited = once(child, 'exit');
  const died = exited.then(() => Promise.reject(new Error('the bare SDK ended')));
  died.catch(() => undefined);
  const answer = () => Promise.race([once(child, 'message'), died]);
  await answer();
  return {
    pid: child.pid!,
    join: async (room, identity = 'bare') => {
      const token = await mintToken(server, { room, identity, kind: 'agent' });
      child.send({ name: room, url: server.url, token });
      await answer();
    },
    leave: async (room) => {
      child.send({ leave: room });
      await answer();
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
    stop: async () => {
      child.disconnect();
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
