import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { answers } from '../../demo/answers.js';
import { findProgram } from '../../demo/cache.js';
import { makeOnce, type Progress } from '../../demo/makeOnce.js';

/** It holds the API schemas of Kubernetes 1.25 to 1.37. */
const VERSION = '1.37.0';
const FOLDER = `kubernetes-validate-${VERSION}`;
const HOW_TO_GET_IT =
  'kubernetes-validate needs Python 3 with its venv module. Any one of these helps:\n' +
  '  - put kubernetes-validate on the PATH (pipx install kubernetes-validate),\n' +
  '  - install Python 3.9 or later with venv (Debian: apt-get install python3-venv).';

const run = promisify(execFile);

/**
 * Finds kubernetes-validate, which checks manifests against the API of Kubernetes, or installs it
 * from PyPI into a virtual environment in the cache folder (10 s, 144 MB, once).
 *
 * @returns the command and its first arguments.
 * @throws Error that says how to get it, where there is no usable Python.
 */
export async function findKubernetesValidate(
  progress: Progress,
): Promise<readonly [command: string, ...args: string[]]> {
  const found = await findProgram('kubernetes-validate');
  if (found !== undefined) return [found];
  const folder = await makeOnce(FOLDER, (path) => install(path, progress), progress);
  // The scripts beside it name the folder as it was called while it was made.
  return [join(folder, 'bin/python'), '-m', 'kubernetes_validate'];
}

async function install(path: string, progress: Progress): Promise<void> {
  progress(`installing kubernetes-validate ${VERSION} from PyPI`);
  await createEnvironment(path, progress);
  const python = join(path, 'bin/python');
  const from = ['--quiet', '--disable-pip-version-check', `kubernetes-validate==${VERSION}`];
  await run(python, ['-m', 'pip', 'install', ...from]);
}

/** Debian splits Python: without the package python3-venv there is no pip to put into it. */
async function createEnvironment(path: string, progress: Progress): Promise<void> {
  if (!(await answers('python3', ['-c', 'import ensurepip, venv'])) && process.getuid?.() === 0) {
    progress('installing python3-venv with apt-get');
    await run('apt-get', ['update', '--quiet']).catch(() => undefined);
    await run('apt-get', ['install', '--yes', '--quiet', 'python3-venv']).catch(() => undefined);
  }
  await run('python3', ['-m', 'venv', path]).catch((cause: unknown) => {
    throw new Error(HOW_TO_GET_IT, { cause });
  });
}
