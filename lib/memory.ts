import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An amount of memory. */
export type Bytes = number;

/** Of which settings and budgets are made. */
export const MEBIBYTE: Bytes = 2 ** 20;

/** Of a call host that has just started (measured): there has to be room for one more at any time. */
export const SUCCESSOR_MEMORY: Bytes = 72 * MEBIBYTE;

const CGROUP = '/sys/fs/cgroup';
const STATUS = '/proc/self/status';

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Memory that this process uses and shares with no other, so that the figures of several processes
 * may be added up: its resident anonymous pages. All that is resident, where that is not told.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html, `RssAnon`.
 */
export function ownMemory(status = STATUS): Bytes {
  const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(read(status) ?? '')?.[1];
  return kibibytes === undefined ? process.memoryUsage.rss() : Number(kibibytes) * 1024;
}

/**
 * What the container may use; `undefined` without a limit.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html, `memory.max`.
 */
export function memoryLimit(cgroup = CGROUP): Bytes | undefined {
  const limit = Number(read(join(cgroup, 'memory.max')));
  return Number.isFinite(limit) && limit > 0 ? limit : undefined;
}
