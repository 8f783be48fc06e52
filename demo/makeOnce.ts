import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { cacheFolder, isExecutable } from './cache.js';

/** Told, in words for a person, what takes time. */
export type Progress = (line: string) => void;

/**
 * Makes something in the cache folder, unless it is there. One process makes it; others wait for
 * it, and make it themselves only if it gave up.
 *
 * @param name of the file or folder in the cache.
 * @param make makes it at the given path, aside: it is renamed, so that nobody ever finds half of it.
 * @returns its path.
 */
export async function makeOnce(
  name: string,
  make: (path: string) => Promise<void>,
  progress: Progress,
): Promise<string> {
  const cache = cacheFolder();
  const made = join(cache, name);
  const lock = join(cache, `making-${name}`);
  await mkdir(cache, { recursive: true });
  while (!(await takeLock(lock))) {
    progress(`another process is making ${name}: waiting for it`);
    await sleep(2_000);
  }
  try {
    if (!(await isExecutable(made))) await makeAside(made, make);
    return made;
  } finally {
    await rm(lock, { force: true });
  }
}

async function makeAside(made: string, make: (path: string) => Promise<void>): Promise<void> {
  const aside = `${made}-${process.pid}`;
  try {
    await make(aside);
    await rename(aside, made);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** A lock is the maker's pid in a file; the lock of a process that is gone is nobody's. */
async function takeLock(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch {
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
