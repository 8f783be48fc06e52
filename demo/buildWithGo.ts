import { spawn } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';

import { makeOnce, type Progress } from './makeOnce.js';

/** A program that Go builds from source. */
export interface GoProgram {
  /** What it is called here. */
  readonly name: string;
  /** Path of its main package, without a version. */
  readonly source: string;
  readonly version: string;
}

/**
 * Builds a program with Go into the cache folder, once; takes about two minutes.
 *
 * @returns path of the executable.
 * @throws Error with the last lines of a build that failed.
 */
export function buildWithGo(program: GoProgram, progress: Progress): Promise<string> {
  const { name, version } = program;
  async function build(path: string): Promise<void> {
    progress(`building ${name} ${version} with Go; this takes about two minutes, once`);
    const folder = `${path}.d`;
    try {
      await goInstall(program, folder, progress);
      await rename(join(folder, basename(program.source)), path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    progress(`${name} ${version} is built`);
  }
  return makeOnce(name, build, progress);
}

function goInstall(
  { source, version }: GoProgram,
  binFolder: string,
  progress: Progress,
): Promise<void> {
  const target = `${source}@${version}`;
  const child = spawn('go', ['install', '-v', target], {
    env: { ...process.env, GOBIN: binFolder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    if (lines.length % 50 === 0) progress(`  ${lines.length} steps done, now ${line}`);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const tail = lines.slice(-15).join('\n');
      if (code === 0) resolve();
      else reject(new Error(`go install ${target} ended with ${code ?? 'a signal'}:\n${tail}`));
    });
  });
}
