import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { filter, type Observable, ReplaySubject } from 'rxjs';

import { firstWithin } from './firstWithin.js';
import { freePort } from './freePort.js';
import type { ServerAccess } from './participants/mintToken.js';
import { spawnBound } from './spawnBound.js';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));
const START_TIMEOUT_MS = 60_000;
/** Over twice the grace period of 10 s that the environment below sets. */
const STOP_TIMEOUT_MS = 25_000;

/** One line of the worker's log; text that is no JSON object is in `message`. */
export type LogLine = Readonly<Record<string, unknown>>;

/** How the worker is started. */
export interface BotOptions {
  /** Settings over those that point it at the server; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Arguments of node; the worker from its sources when missing. */
  readonly command?: readonly string[];
  /** Folder it starts in; that of the sources when missing. */
  readonly cwd?: string;
  /** Number of the user and group that it runs as; those of this process when missing. */
  readonly uid?: number | undefined;
}

/** A worker in a process of its own. */
export interface BotProcess {
  readonly pid: number;
  /** `http://127.0.0.1:PORT`: serves `/livez` and `/readyz`. */
  readonly healthUrl: string;
  /** All log lines so far, then those that follow; completes with the process's output. */
  readonly logs: Observable<LogLine>;
  /** Exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Resolves with the first log line, past ones included, that satisfies. */
  waitForLog(satisfy: (line: LogLine) => boolean, within: number): Promise<LogLine>;
  /** Sends a signal (SIGTERM when missing), waits for the exit code, kills after 25 s. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the worker without waiting for anything, for specs of a start that fails. */
export async function spawnBot(
  server: ServerAccess,
  options: BotOptions = {},
): Promise<BotProcess> {
  const port = await freePort();
  const { command = ['--import', 'tsx', 'lib/main.ts'], cwd = FOLDER, uid } = options;
  const env = { ...environment(server, port), ...options.env };
  const child = spawnBound(process.execPath, command, {
    cwd,
    env,
    ...(uid !== undefined && { uid, gid: uid }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logs = new ReplaySubject<LogLine>(Infinity);
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output! }).on('line', (line) => logs.next(parse(line)));
  }
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  child.once('close', () => logs.complete());
  return {
    pid: child.pid!,
    healthUrl: `http://127.0.0.1:${port}`,
    logs,
    exited,
    waitForLog: (satisfy, within) =>
      firstWithin(logs.pipe(filter(satisfy)), within, 'the awaited log line'),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      const patience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      return exited.finally(() => clearTimeout(patience));
    },
  };
}

/**
 * Starts the worker and waits until it says that it is ready.
 *
 * @throws Error with its last log lines when it ends or is not ready within 60 s.
 */
export async function startBot(
  server: ServerAccess,
  options: BotOptions = {},
): Promise<BotProcess> {
  const bot = await spawnBot(server, options);
  const ended = bot.exited.then((code) => `it ended with code ${code ?? 'none'}`);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (await isReady(bot)) return bot;
    const end = await Promise.race([ended, sleep(50)]);
    if (end !== undefined) throw new Error(`the bot did not start: ${end}\n${lastLines(bot)}`);
  }
  await bot.stop('SIGKILL');
  throw new Error(`the bot was not ready within ${START_TIMEOUT_MS} ms\n${lastLines(bot)}`);
}

/** Nothing is inherited but the PATH: what a developer's shell has set must not decide a test. */
function environment(server: ServerAccess, healthPort: number): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH,
    LIVEKIT_URL: server.url,
    LIVEKIT_API_KEY: server.apiKey,
    LIVEKIT_API_SECRET: server.apiSecret,
    GROQ_API_KEY: 'no-groq-account',
    DEEPGRAM_API_KEY: 'no-deepgram-account',
    ELEVENLABS_API_KEY: 'no-elevenlabs-account',
    MEDIA_BOT_HEALTH_PORT: String(healthPort),
    MEDIA_BOT_ICE_SERVERS: 'none',
    MEDIA_BOT_DRAIN_SECONDS: '10',
    // On one machine with everything else, it is never the worker alone that is busy.
    MEDIA_BOT_LOAD_THRESHOLD: '1',
  };
}

function isReady(bot: BotProcess): Promise<boolean> {
  return fetch(`${bot.healthUrl}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

function parse(line: string): LogLine {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === 'object' && parsed !== null) return parsed as LogLine;
  } catch {
    // Not JSON: a warning of node itself, or a stack trace.
  }
  return { message: line };
}

function lastLines(bot: BotProcess): string {
  const lines: LogLine[] = [];
  bot.logs
    .subscribe({
      next: (line) => lines.push(line),
      error: () => undefined,
    })
    .unsubscribe();
  return lines
    .slice(-20)
    .map((line) => JSON.stringify(line))
    .join('\n');
}
