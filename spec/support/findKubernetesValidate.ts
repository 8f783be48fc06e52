import { join } from 'node:path';

import { findProgram } from '../../demo/cache.js';
import type { Progress } from '../../demo/makeOnce.js';
import { pythonEnvironment } from './pythonEnvironment.js';

/** It holds the API schemas of Kubernetes 1.25 to 1.37. */
const VERSION = '1.37.0';
const HOW_TO_GET_IT =
  'kubernetes-validate needs Python 3 with its venv module. Any one of these helps:\n' +
  '  - put kubernetes-validate on the PATH (pipx install kubernetes-validate),\n' +
  '  - install Python 3.9 or later with venv (Debian: apt-get install python3-venv).';

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
  const folder = await pythonEnvironment('kubernetes-validate', VERSION, HOW_TO_GET_IT, progress);
  // The scripts beside it name the folder as it was called while it was made.
  return [join(folder, 'bin/python'), '-m', 'kubernetes_validate'];
}
