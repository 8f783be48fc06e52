import { execFile } from 'node:child_process';
import { type BotOptions, type BotProcess, startBot } from '../../demo/botProcess.js';
import type { ServerAccess } from '../../demo/participants/mintToken.js';
import type { ReplayedImage } from './replayDockerfile.js';

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Whether a process can be started as another user: only root can. */
export const canChangeUser = process.getuid?.() === 0;

/** As a container engine does it: the image's user, its folder, a home that is nobody's. */
const surroundings = ({ workdir, env, uid }: ReplayedImage) => ({
  cwd: workdir,
  env: { HOME: '/', ...env },
  uid: canChangeUser ? uid : undefined,
});

/** Starts what the image starts, and waits until it is ready. */
export function startImage(
  server: ServerAccess,
  image: ReplayedImage,
  settings: BotOptions['env'] = {},
): Promise<BotProcess> {
  const [program, ...command] = image.command;
  if (program !== 'node') throw new Error(`the image starts ${program ?? 'nothing'}, not node`);
  const { env, ...rest } = surroundings(image);
  return startBot(server, { ...rest, command, env: { ...env, ...settings } });
}

/** Runs a command in the image. */
export function runInImage(
  image: ReplayedImage,
  [program = '', ...args]: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { cwd, env, uid } = surroundings(image);
  const options = {
    cwd,
    env: { PATH: process.env.PATH, ...env, ...settings },
    ...(uid !== undefined && { uid, gid: uid }),
  };
  return new Promise((resolve) => {
    const child = execFile(program, args, options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}
