import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { filter, fromEvent, merge } from 'rxjs';

import { type BotOptions, spawnBot } from '../demo/botProcess.js';
import { firstWithin } from '../demo/firstWithin.js';
import type { ServerAccess } from '../demo/participants/mintToken.js';
import { spawnBound } from '../demo/spawnBound.js';
import { dispatch, type Subject } from './densitySubjects.js';
import { findPythonPeer } from './peers/findPythonPeer.js';

/** It loads for seconds, and so does each of its processes. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;

/** The same calls in the stock worker of `@livekit/agents`, a process each, two of them kept idle. */
export async function startStockWorker(
  server: ServerAccess,
  assetOrigin: string,
): Promise<Subject> {
  const options: BotOptions = {
    command: ['dist/lib/agent.js', 'start'],
    env: {
      MEDIA_BOT_ASSET_ORIGINS: assetOrigin,
      MEDIA_BOT_NUM_IDLE_PROCESSES: '2',
      MEDIA_BOT_DRAIN_SECONDS: '1',
      NODE_ENV: 'production',
    },
  };
  const bot = await spawnBot(server, options);
  const registered = bot.logs.pipe(filter((line) => JSON.stringify(line).includes('registered')));
  await firstWithin(registered, START_TIMEOUT_MS, 'the stock worker');
  return {
    pid: bot.pid,
    carry: (room) => dispatch(server, room),
    stop: () => bot.stop(),
  };
}

/** A Python bot on livekit-agents that plays the same music: see `peers/README.md`. */
export async function startPythonPeer(server: ServerAccess): Promise<Subject> {
  const { python, program } = await findPythonPeer((line) => console.log(line));
  const child = spawnBound(python, [program, 'start'], {
    env: {
      PATH: process.env.PATH,
      LIVEKIT_URL: server.url,
      LIVEKIT_API_KEY: server.apiKey,
      LIVEKIT_API_SECRET: server.apiSecret,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = merge(
    ...[child.stdout!, child.stderr!].map((input) => fromEvent(createInterface({ input }), 'line')),
  );
  const registered = lines.pipe(filter((line) => String(line).includes('registered worker')));
  await firstWithin(registered, START_TIMEOUT_MS, 'the Python bot');
  return {
    pid: child.pid!,
    carry: (room) => dispatch(server, room),
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(patience);
    },
  };
}
