import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The folder that keeps programs which were built or installed once: `~/.cache/media-bot`. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'media-bot');
}

/**
 * Finds a program on the PATH, then in the cache folder.
 *
 * @param others names under which the cache folder may have it as well.
 * @returns its path, or undefined.
 */
export async function findProgram(
  name: string,
  ...others: readonly string[]
): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = folders.map((folder) => join(folder, name));
  const cached = [name, ...others].map((file) => join(cacheFolder(), file));
  for (const path of [...paths, ...cached]) if (await isExecutable(path)) return path;
  return undefined;
}

/** Whether a path can be run, or entered where it is a folder. */
export function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
