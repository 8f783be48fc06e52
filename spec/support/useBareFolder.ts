import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for each spec. */
export interface BareFolder {
  path(name: string): string;
  read(name: string): string;
  /** Writes a shell script that can be run; resolves with its path. */
  program(name: string, script: string): Promise<string>;
}

/**
 * Gives each spec of the enclosing `describe` a folder whose `bin` is the whole PATH, and which is
 * the cache of programs as well (`media-bot`): nothing of this machine is found.
 */
export function useBareFolder(): BareFolder {
  const { PATH, XDG_CACHE_HOME } = process.env;
  let folder = '';
  const path = (name: string) => join(folder, name);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bare-'));
    await mkdir(path('bin'));
    await mkdir(path('media-bot'));
    process.env.PATH = path('bin');
    process.env.XDG_CACHE_HOME = folder;
  });
  afterEach(async () => {
    process.env.PATH = PATH;
    if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
    await rm(folder, { recursive: true });
  });
  return {
    path,
    read: (name) => readFileSync(path(name), 'utf8'),
    program: async (name, script) => {
      await writeFile(path(name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      return path(name);
    },
  };
}
