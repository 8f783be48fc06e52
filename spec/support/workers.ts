import { join } from 'node:path';
import { from } from 'rxjs';
import { processTree } from '../../bench/processTree.js';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { firstWithin } from '../../demo/firstWithin.js';
import type { ServerAccess } from '../../demo/participants/mintToken.js';
import { compiledProduct } from './compiledProduct.js';

type Environment = Readonly<Record<string, string>>;

/** Longer than any spec lasts: calls end, or are handed over, for another reason. */
const PATIENT: Environment = { MEDIA_BOT_DRAIN_SECONDS: '600' };

/** Workers of one server, as its deployment starts and stops them. */
export interface Workers {
  /** Starts one more, and waits until it is ready. */
  readonly start: (env?: Environment) => Promise<BotProcess>;
  /** Kills those that still run. */
  readonly killAll: () => Promise<void>;
}

/** Has workers started with this environment; they drain for as long as a spec lasts. */
export function createWorkers(server: ServerAccess, common: Environment): Workers {
  const workers: BotProcess[] = [];
  return {
    start: async (env = {}) => {
      const command = [join(compiledProduct(), 'lib/main.js')];
      const worker = await startBot(server, { command, env: { ...PATIENT, ...common, ...env } });
      workers.push(worker);
      return worker;
    },
    killAll: async () => {
      await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
    },
  };
}

/** Tells a worker to stop, and leaves it the time that it takes. */
export function terminate({ pid }: BotProcess): void {
  process.kill(pid, 'SIGTERM');
}

/** Resolves with a worker's exit code; null where a signal has ended it. */
export function exitCode({ exited }: BotProcess, within: number): Promise<number | null> {
  return firstWithin(from(exited), within, 'the end of the worker');
}

/** Kills a worker and its hosts in one blow, so that none of them can say good-bye. */
export async function killTree({ pid }: BotProcess): Promise<void> {
  const tree = await processTree(pid);
  for (const { pid: each } of tree) process.kill(each, 'SIGKILL');
}
