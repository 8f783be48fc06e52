import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { filter, skip, take, toArray } from 'rxjs';

import { type LogLine, startBot } from '../demo/botProcess.js';
import { firstWithin } from '../demo/firstWithin.js';
import { freePort } from '../demo/freePort.js';
import type { ServerAccess } from '../demo/participants/mintToken.js';
import { buildProgram } from './buildProgram.js';
import { processTree, treeUsage } from './processTree.js';
import { seenSoFar } from '../spec/support/seenSoFar.js';
import { treeHandles, type TreeHandles } from './treeHandles.js';
import { watchPeak } from './watchPeak.js';

/** What a worker and its hosts have when they carry no call, all of them together. */
export interface Remains extends TreeHandles {
  readonly pssMiB: number;
  /** The highest PSS since the last time that this was asked for. */
  readonly peakMiB: number;
  readonly privateMiB: number;
  /** RxJS subscriptions, event emitters (rooms and their people among them) and timers; NaN where not counted. */
  readonly subscribers: number;
  readonly emitters: number;
  readonly timers: number;
  /** From the worker's metrics, so far. */
  readonly retired: number;
  /** Calls that those had taken. */
  readonly takenByRetired: number;
  readonly died: number;
  readonly refused: number;
}

/** A worker that carries one short call after the other. */
export interface ChurnedWorker {
  /** Waits until it has no call and all its hosts, and no other; collects garbage and counts. */
  remains(): Promise<Remains>;
  stop(): Promise<unknown>;
}

/** How it is made. */
export interface ChurnedWorkerOptions {
  readonly assetOrigin: string;
  readonly hosts: number;
  readonly maxCalls: number;
  /** Whether objects are counted, which collects the garbage first; a host of many calls may not answer. */
  readonly countsObjects: boolean;
  /** What it may use; what it is not to be stopped by when missing. */
  readonly memoryLimitMiB?: number;
}

const PATIENCE_MS = 60_000;
const BETWEEN_LOOKS_MS = 250;
/** Over the 20 s in which the last sockets of a call close, and the 10 s that a promise counts. */
const SETTLE_MS = 22_000;
const RETIRES = 'call host retires';
const ENOUGH_MIB = 65_536;

/** Starts the built worker, with something in all its processes that counts objects; see also `idleMachine`. */
export async function startChurnedWorker(
  server: ServerAccess,
  {
    assetOrigin,
    hosts,
    maxCalls,
    countsObjects,
    memoryLimitMiB = ENOUGH_MIB,
  }: ChurnedWorkerOptions,
): Promise<ChurnedWorker> {
  const programs = await Promise.all(['aliveObjects', 'idleMachine'].map(buildProgram));
  const port = await freePort();
  const env = {
    NODE_OPTIONS: programs.map((program) => `--import=${pathToFileURL(program).href}`).join(' '),
    MEDIA_BOT_ASSET_ORIGINS: assetOrigin,
    MEDIA_BOT_PROMETHEUS_PORT: String(port),
    MEDIA_BOT_NUM_IDLE_PROCESSES: String(hosts),
    MEDIA_BOT_HOST_MAX_CALLS: String(maxCalls),
    MEDIA_BOT_MEMORY_LIMIT_MB: String(memoryLimitMiB),
  };
  const bot = await startBot(server, { command: ['dist/lib/main.js'], env });
  let answered = 0;
  const peak = watchPeak(bot.pid);

  async function sample(): Promise<(name: string) => number> {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const lines = text.split('\n').map((line) => line.split(' '));
    return (name) =>
      lines.reduce((sum, [key, value]) => (key!.startsWith(name) ? sum + Number(value) : sum), 0);
  }
  async function idle(): Promise<void> {
    for (let looks = 0; looks * BETWEEN_LOOKS_MS < PATIENCE_MS; looks += 1) {
      const count = await sample();
      const [ready, calls] = [count('media_bot_hosts{state="ready"}'), count('media_bot_calls ')];
      const { length: processes } = await processTree(bot.pid);
      if (ready === hosts && calls === 0 && processes === hosts + 1) return;
      await sleep(BETWEEN_LOOKS_MS);
    }
    throw new Error(`the worker has calls or other processes after ${PATIENCE_MS} ms`);
  }
  async function alive(): Promise<readonly LogLine[]> {
    const lines = bot.logs.pipe(
      filter(({ message }) => message === 'alive'),
      skip(answered),
      take(hosts + 1),
      toArray(),
    );
    for (const { pid } of await processTree(bot.pid)) process.kill(pid, 'SIGUSR2');
    answered += hosts + 1;
    return firstWithin(lines, PATIENCE_MS, 'what is alive');
  }
  return {
    remains: async () => {
      await idle();
      await sleep(SETTLE_MS);
      const peakMiB = peak.take();
      const lines = countsObjects ? await alive() : [{}];
      const sum = (name: string) =>
        lines.reduce((all, line: LogLine) => all + Number(line[name]), 0);
      const count = await sample();
      const retired = seenSoFar(bot.logs).filter(({ message }) => message === RETIRES);
      return {
        peakMiB,
        takenByRetired: retired.reduce((all, { taken }) => all + Number(taken), 0),
        ...(await treeUsage(bot.pid)),
        ...(await treeHandles(bot.pid)),
        subscribers: sum('subscribers'),
        emitters: sum('emitters'),
        timers: sum('timers'),
        retired: count('media_bot_hosts_left_total{how="retired"}'),
        died: count('media_bot_hosts_left_total{how="died"}'),
        refused: count('media_bot_jobs_refused_total'),
      };
    },
    stop: () => {
      peak.stop();
      return bot.stop();
    },
  };
}
