import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { answers } from '../../demo/answers.js';
import { makeOnce, type Progress } from '../../demo/makeOnce.js';

const run = promisify(execFile);

/**
 * A virtual environment of Python in the cache folder, with one package from PyPI, made once.
 *
 * @param howToGetIt said where there is no usable Python.
 * @returns its folder; `bin/python` is in it.
 * @throws Error that says how to get it.
 */
export function pythonEnvironment(
  name: string,
  version: string,
  howToGetIt: string,
  progress: Progress,
): Promise<string> {
  const install = async (path: string) => {
    progress(`installing ${name} ${version} from PyPI`);
    await createEnvironment(path, howToGetIt, progress);
    const from = ['--quiet', '--disable-pip-version-check', `${name}==${version}`];
    await run(join(path, 'bin/python'), ['-m', 'pip', 'install', ...from]);
  };
  return makeOnce(`${name}-${version}`, install, progress);
}

/** Debian splits Python: without the package python3-venv there is no pip to put into it. */
async function createEnvironment(
  path: string,
  howToGetIt: string,
  progress: Progress,
): Promise<void> {
  if (!(await answers('python3', ['-c', 'import ensurepip, venv'])) && process.getuid?.() === 0) {
    progress('installing python3-venv with apt-get');
    await run('apt-get', ['update', '--quiet']).catch(() => undefined);
    await run('apt-get', ['install', '--yes', '--quiet', 'python3-venv']).catch(() => undefined);
  }
  await run('python3', ['-m', 'venv', path]).catch((cause: unknown) => {
    throw new Error(howToGetIt, { cause });
  });
}
