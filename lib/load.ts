import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { map, type Observable, type OperatorFunction, pipe, scan, skip, timer } from 'rxjs';
import type { Milliseconds } from '../operators/types.js';

/** CPU time since some moment, in any unit: how much was used, of how much there was. */
export interface CpuTimes {
  readonly used: number;
  readonly available: number;
}

/** How often the load is measured and reported. As often as the stock LiveKit worker does. */
export const LOAD_INTERVAL: Milliseconds = 2_500;

/** Measurements that one average spans: 10 s. */
const WINDOW = 4;

const CGROUP = '/sys/fs/cgroup';

const machineTimes = (): CpuTimes => {
  const times = cpus().map((cpu) => cpu.times);
  const available = times.reduce((sum, t) => sum + t.user + t.nice + t.sys + t.irq + t.idle, 0);
  return { used: available - times.reduce((sum, t) => sum + t.idle, 0), available };
};

/** Cores that the cgroup (version 2) may use; undefined without a limit. */
const quotaOf = (cgroup: string): number | undefined => {
  try {
    const [quota, period] = readFileSync(join(cgroup, 'cpu.max'), 'utf8').split(' ').map(Number);
    return quota && period ? quota / period : undefined;
  } catch {
    return undefined;
  }
};

/** Cores at this process's disposal, whole or in part. */
export function availableCores(cgroup = CGROUP): number {
  return quotaOf(cgroup) ?? cpus().length;
}

/**
 * CPU times of the container where it has a limit (cgroup version 2), else of the machine.
 *
 * @throws Error when a cgroup with a limit keeps no account of its use.
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html, `cpu.max` and `cpu.stat`.
 */
export function readCpuTimes(cgroup = CGROUP): CpuTimes {
  const cores = quotaOf(cgroup);
  if (cores === undefined) return machineTimes();
  const usage = /^usage_usec (\d+)$/m.exec(readFileSync(join(cgroup, 'cpu.stat'), 'utf8'));
  if (!usage) throw new Error(`${cgroup}/cpu.stat has no usage_usec`);
  return { used: Number(usage[1]), available: performance.now() * 1000 * cores };
}

/**
 * Turns growing CPU times into load, averaged over the newest measurements.
 *
 *     source  t---t---t---t---t---t      times
 *     result  ----l---l---l---l---l      load, 0 to 1
 *
 * @param window intervals that an average spans; the first averages span what there is.
 */
export function averageLoad(window: number): OperatorFunction<CpuTimes, number> {
  return pipe(
    scan((times: readonly CpuTimes[], next: CpuTimes) => [...times, next].slice(-window - 1), []),
    skip(1),
    map((times) => {
      const [first, last] = [times.at(0), times.at(-1)];
      if (!first || !last || last.available <= first.available) return 0;
      return Math.min(1, (last.used - first.used) / (last.available - first.available));
    }),
  );
}

/** CPU load, 0 to 1, every 2.5 s, averaged over 10 s. */
export function cpuLoad(): Observable<number> {
  return timer(0, LOAD_INTERVAL).pipe(
    map(() => readCpuTimes()),
    averageLoad(WINDOW),
  );
}
