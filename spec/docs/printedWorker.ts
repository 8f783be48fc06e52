import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { defer, filter, firstValueFrom, from, map, merge, retry, throwIfEmpty } from 'rxjs';
import { freePort } from '../../demo/freePort.js';
import { spawnBound } from '../../demo/spawnBound.js';

/** A worker that was installed, built and started by the commands of a document. */
export interface PrintedWorker {
  /** The copy of this package in which the commands ran. */
  readonly folder: string;
  /** What it has printed so far. */
  readonly lines: readonly string[];
  /** Ends the worker with SIGTERM; resolves with the exit code of the commands. */
  readonly stop: () => Promise<number | null>;
  /** Removes the copy. */
  readonly remove: () => void;
}

/** What a fresh clone does not have. */
const MADE_HERE: ReadonlySet<string> = new Set(['.git', 'node_modules', 'dist', 'coverage']);
/** What npm needs to find its packages; all else a shell may have set stays out. */
const NPM = ['PATH', 'HOME', 'NODE_EXTRA_CA_CERTS', 'npm_config_cache', 'npm_config_registry'];

/**
 * Runs commands, of which the last one starts the worker, in a copy of this package without
 * anything installed; resolves when the worker is ready to take calls.
 *
 * @param settings besides those that the commands export.
 * @throws Error with the last lines of the output when the commands end before that.
 */
export async function runAsPrinted(
  commands: string,
  settings: Readonly<Record<string, string>>,
): Promise<PrintedWorker> {
  const folder = mkdtempSync(join(tmpdir(), 'as-printed-'));
  cpSync('.', folder, { recursive: true, filter: (path) => !MADE_HERE.has(basename(path)) });
  const healthPort = String(await freePort());
  const child = spawnBound('bash', ['-euc', commands], {
    cwd: folder,
    env: {
      ...Object.fromEntries(NPM.map((name) => [name, process.env[name]])),
      npm_config_prefer_offline: 'true',
      MEDIA_BOT_HEALTH_PORT: healthPort,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output! }).on('line', (line) => lines.push(line));
  }
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const ready$ = defer(() =>
    fetch(`http://127.0.0.1:${healthPort}/readyz`, { signal: AbortSignal.timeout(1_000) }),
  ).pipe(
    filter(({ ok }) => ok),
    throwIfEmpty(),
    retry({ delay: 100 }),
  );
  const ended$ = from(exited).pipe(
    map(() => {
      throw new Error(`not ready, but ended:\n${lines.slice(-20).join('\n')}`);
    }),
  );
  await firstValueFrom(merge(ready$, ended$), { defaultValue: undefined });
  return {
    folder,
    lines,
    // A signal to bash would end it and leave the worker behind.
    stop: () => {
      if (child.exitCode === null) process.kill(workerPid(lines), 'SIGTERM');
      return exited;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** The process id of the worker, which is in each line of its log. */
function workerPid(lines: readonly string[]): number {
  const line = lines.find((text) => text.includes('"process":"worker"'));
  return (JSON.parse(line ?? '{}') as { readonly pid: number }).pid;
}
