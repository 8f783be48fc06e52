import { execFile, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The last version that `go install` accepts: later ones carry `replace` lines in their go.mod. */
const VERSION = 'v1.13.5';
const GO_PACKAGE = `github.com/livekit/livekit-server/cmd/server@${VERSION}`;
const DOCKER_IMAGE = `livekit/livekit-server:${VERSION}`;
const HOW_TO_GET_ONE =
  'No livekit-server was found. Any one of these helps:\n' +
  '  - put livekit-server on the PATH (https://github.com/livekit/livekit/releases),\n' +
  '  - install Go 1.24 or later (https://go.dev/dl): the server is then built from source,\n' +
  '  - start a Docker engine: the server then runs as a container.';

const run = promisify(execFile);

type Progress = (line: string) => void;

/**
 * Finds a LiveKit server, or gets one: on the PATH, in the cache folder, by building it with Go
 * (about two minutes, once), or as a Docker container.
 *
 * @param progress told, in words for a person, what takes time.
 * @returns path of an executable that takes the arguments of livekit-server.
 * @throws Error that says how to get one, when none of the ways is open.
 */
export async function findLiveKitServer(progress: Progress): Promise<string> {
  const cache = cacheFolder();
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = await firstExecutable([
    ...folders.map((folder) => join(folder, 'livekit-server')),
    join(cache, 'livekit-server'),
    join(cache, 'server'),
  ]);
  if (found !== undefined) return found;
  await mkdir(cache, { recursive: true });
  if (await answers('go', ['version'])) return buildOnce(cache, progress);
  if (await answers('docker', ['info'])) return dockerLauncher(cache, progress);
  throw new Error(HOW_TO_GET_ONE);
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'media-bot');
}

async function firstExecutable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isExecutable(path)) return path;
  return undefined;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function answers(command: string, args: readonly string[]): Promise<boolean> {
  return run(command, args, { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

/** One process builds; the others wait for it, and build themselves only if it gave up. */
async function buildOnce(cache: string, progress: Progress): Promise<string> {
  const binary = join(cache, 'livekit-server');
  const lock = join(cache, 'building');
  while (!(await takeLock(lock))) {
    progress('another process is building livekit-server: waiting for it');
    await sleep(2_000);
  }
  try {
    if (!(await isExecutable(binary))) await build(cache, binary, progress);
    return binary;
  } finally {
    await rm(lock, { force: true });
  }
}

/** A lock is the builder's pid in a file; the lock of a process that is gone is nobody's. */
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

/** Built aside and renamed, so that nobody ever finds half a binary. */
async function build(cache: string, binary: string, progress: Progress): Promise<void> {
  progress(`building livekit-server ${VERSION} with Go; this takes about two minutes, once`);
  const aside = join(cache, `build-${process.pid}`);
  await goInstall(aside, progress);
  await rename(join(aside, 'server'), binary);
  await rm(aside, { recursive: true, force: true });
  progress(`livekit-server ${VERSION} is built: ${binary}`);
}

function goInstall(binFolder: string, progress: Progress): Promise<void> {
  const child = spawn('go', ['install', '-v', GO_PACKAGE], {
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
      else reject(new Error(`go install ${GO_PACKAGE} ended with ${code ?? 'a signal'}:\n${tail}`));
    });
  });
}

/** A launcher that looks like the binary; host networking, for media must reach the loopback. */
async function dockerLauncher(cache: string, progress: Progress): Promise<string> {
  progress(`getting the container image ${DOCKER_IMAGE}`);
  await run('docker', ['pull', DOCKER_IMAGE]);
  const launcher = join(cache, 'livekit-server-in-docker');
  const script = `#!/bin/sh\nexec docker run --rm --network host ${DOCKER_IMAGE} "$@"\n`;
  await writeFile(launcher, script, { mode: 0o755 });
  return launcher;
}
