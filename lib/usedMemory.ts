import { map, type Observable, timer, withLatestFrom } from 'rxjs';
import type { Milliseconds } from '../operators/types.js';
import type { Bytes } from './memory.js';

/** What each process uses: `worker`, `host 1`, `host 2` and so on. */
export type UsedMemory = ReadonlyMap<string, Bytes>;

/** As often as hosts tell theirs. */
const INTERVAL: Milliseconds = 1_000;

/**
 * What the worker and its hosts use, every second. The worker's share has all that is resident:
 * what the processes have in common is counted there, and only there.
 *
 * @param hosts$ what each host uses, by its number.
 */
export function usedMemory(hosts$: Observable<ReadonlyMap<number, Bytes>>): Observable<UsedMemory> {
  return timer(0, INTERVAL).pipe(
    withLatestFrom(hosts$),
    map(([, hosts]) => {
      const ofHosts = [...hosts].map(([host, bytes]) => [`host ${host}`, bytes] as const);
      return new Map([['worker', process.memoryUsage.rss()], ...ofHosts]);
    }),
  );
}

/** What all processes use together. */
export const totalOf = (used: UsedMemory): Bytes =>
  [...used.values()].reduce((sum, bytes) => sum + bytes, 0);
