import { fileURLToPath } from 'node:url';
import { ReplaySubject } from 'rxjs';
import { createHostPool, type HostPool } from '../../lib/hostPool.js';
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
export function openScriptedPool(size: number, program = SCRIPTED_HOST): ScriptedPool {
  const shutdown$ = new ReplaySubject<undefined>(1);
  const pool = createHostPool({ size, logger: silentLogger(), shutdown$, program });
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
