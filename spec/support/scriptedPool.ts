import { fileURLToPath } from 'node:url';
import { ReplaySubject } from 'rxjs';
import { createHostPool, type HostPool, type HostPoolOptions } from '../../lib/hostPool.js';
import { silentLogger } from './silentLogger.js';

/** Program of a host whose calls join no room. */
export const SCRIPTED_HOST = fileURLToPath(new URL('scriptedHost.ts', import.meta.url));

/** A pool that runs, of real processes whose calls join no room. */
export interface ScriptedPool {
  readonly pool: HostPool;
  /** Shuts the hosts down and resolves when they have exited. */
  readonly close: () => Promise<void>;
}

/** Starts such a pool. */
export function openScriptedPool(
  size: number,
  options: Partial<HostPoolOptions> = {},
): ScriptedPool {
  const shutdown$ = new ReplaySubject<undefined>(1);
  const pool = createHostPool({
    size,
    maxCalls: 1_000,
    maxMemory: Infinity,
    logger: silentLogger(),
    shutdown$,
    onLeft: () => undefined,
    program: SCRIPTED_HOST,
    ...options,
  });
  const closed = new Promise<void>((resolve, reject) => {
    pool.running$.subscribe({ complete: resolve, error: reject });
  });
  return {
    pool,
    close: () => {
      shutdown$.next(undefined);
      return closed;
    },
  };
}
