import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ReplaySubject } from 'rxjs';
import type { ServerAccess } from '../../demo/participants/mintToken.js';
import { spawnBound } from '../../demo/spawnBound.js';
import { compiledProduct } from './compiledProduct.js';

/** The command `media-bot` as it runs. */
export interface MediaBotProcess {
  readonly child: ChildProcess;
  /** Lines of standard output so far, then those that come. */
  readonly lines: ReplaySubject<string>;
  readonly ended: Promise<MediaBotResult>;
}

/** How it has ended. */
export interface MediaBotResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a shell that knows the server. */
export const serverEnv = ({ url, apiKey, apiSecret }: ServerAccess) => ({
  LIVEKIT_URL: url,
  LIVEKIT_API_KEY: apiKey,
  LIVEKIT_API_SECRET: apiSecret,
});

/** Starts the command; nothing is inherited but the PATH. */
export function startMediaBot(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  nodeOptions: readonly string[] = [],
): MediaBotProcess {
  const command = [...nodeOptions, join(compiledProduct(), 'lib/cli/mediaBot.js'), ...args];
  const child = spawnBound(process.execPath, command, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = new ReplaySubject<string>(Infinity);
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (data) => (output.stdout += String(data)));
  child.stderr?.on('data', (data) => (output.stderr += String(data)));
  createInterface({ input: child.stdout! }).on('line', (line) => lines.next(line));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  return { child, lines, ended };
}

/** Runs it to its end. */
export const runMediaBot = (...started: Parameters<typeof startMediaBot>) =>
  startMediaBot(...started).ended;
