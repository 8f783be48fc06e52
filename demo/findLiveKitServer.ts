import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { answers } from './answers.js';
import { buildWithGo, type GoProgram } from './buildWithGo.js';
import { findProgram } from './cache.js';
import { makeOnce, type Progress } from './makeOnce.js';

const SERVER: GoProgram = {
  name: 'livekit-server',
  source: 'github.com/livekit/livekit-server/cmd/server',
  /** The last version that `go install` accepts: later ones carry `replace` lines in their go.mod. */
  version: 'v1.13.5',
};
const DOCKER_IMAGE = `livekit/livekit-server:${SERVER.version}`;
const HOW_TO_GET_ONE =
  'No livekit-server was found. Any one of these helps:\n' +
  '  - put livekit-server on the PATH (https://github.com/livekit/livekit/releases),\n' +
  '  - install Go 1.26 or later (https://go.dev/dl): the server is then built from source,\n' +
  '  - start a Docker engine: the server then runs as a container.';

const run = promisify(execFile);

/**
 * Finds a LiveKit server, or gets one: on the PATH, in the cache folder, by building it with Go
 * (about two minutes, once), or as a Docker container.
 *
 * @returns path of an executable that takes the arguments of livekit-server.
 * @throws Error that says how to get one, when none of the ways is open.
 */
export async function findLiveKitServer(progress: Progress): Promise<string> {
  const found = await findProgram(SERVER.name, 'server');
  if (found !== undefined) return found;
  if (await answers('go', ['version'])) return buildWithGo(SERVER, progress);
  if (await answers('docker', ['info'])) return dockerLauncher(progress);
  throw new Error(HOW_TO_GET_ONE);
}

/** A launcher that looks like the binary; host networking, for media must reach the loopback. */
function dockerLauncher(progress: Progress): Promise<string> {
  async function pull(path: string): Promise<void> {
    progress(`getting the container image ${DOCKER_IMAGE}`);
    await run('docker', ['pull', DOCKER_IMAGE]);
    const script = `#!/bin/sh\nexec docker run --rm --network host ${DOCKER_IMAGE} "$@"\n`;
    await writeFile(path, script, { mode: 0o755 });
  }
  return makeOnce('livekit-server-in-docker', pull, progress);
}
