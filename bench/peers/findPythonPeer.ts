import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { makeOnce, type Progress } from '../../demo/makeOnce.js';

const VERSION = '1.5.9';
/** httpx it imports and does not ask for. */
const PACKAGES = [`livekit-agents==${VERSION}`, 'numpy', 'aiohttp', 'httpx'];
const PROGRAM = fileURLToPath(new URL('pythonBot.py', import.meta.url));

const run = promisify(execFile);

/**
 * The Python bot, installed in the cache folder where it is not there yet (needs Python 3 with venv).
 *
 * @returns the interpreter and the program.
 */
export async function findPythonPeer(
  progress: Progress,
): Promise<{ readonly python: string; readonly program: string }> {
  const folder = await makeOnce(
    `python-livekit-agents-${VERSION}`,
    async (path) => {
      progress(`installing livekit-agents ${VERSION} from PyPI`);
      await run('python3', ['-m', 'venv', path]);
      const quiet = ['--quiet', '--disable-pip-version-check'];
      await run(join(path, 'bin/python'), ['-m', 'pip', 'install', ...quiet, ...PACKAGES]);
    },
    progress,
  );
  return { python: join(folder, 'bin/python'), program: PROGRAM };
}
