import type { Settings } from './config.js';
import { type Bytes, MEBIBYTE, SUCCESSOR_MEMORY } from './memory.js';

/** Of the worker's process, with all that is shared with its hosts (measured). */
const WORKER_MEMORY: Bytes = 72 * MEBIBYTE;
/** A host with voice detection loaded and a few calls (measured): less is no share to live on. */
const LEAST_SHARE: Bytes = 160 * MEBIBYTE;

/**
 * Memory over which a call host retires: its part of what worker and successors leave. However
 * small the budget is, as much as a host with a few calls needs, or hosts would come and go.
 */
export function memoryShare({
  memoryLimit,
  numIdleProcesses,
}: Pick<Settings, 'memoryLimit' | 'numIdleProcesses'>): Bytes {
  const left = memoryLimit - WORKER_MEMORY - SUCCESSOR_MEMORY;
  return Math.max(LEAST_SHARE, left / numIdleProcesses);
}
