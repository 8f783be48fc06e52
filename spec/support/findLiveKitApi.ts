import { join } from 'node:path';

import type { Progress } from '../../demo/makeOnce.js';
import { pythonEnvironment } from './pythonEnvironment.js';

const VERSION = '1.2.2';
const HOW_TO_GET_IT =
  'livekit-api needs Python 3.9 or later with venv (Debian: apt-get install python3-venv).';

/**
 * Finds a Python that has LiveKit's server SDK, or installs that from PyPI into a virtual
 * environment in the cache folder (5 s, 45 MB, once).
 *
 * @returns the path of the Python.
 * @throws Error that says how to get it, where there is no usable Python.
 */
export async function findLiveKitApi(progress: Progress): Promise<string> {
  const folder = await pythonEnvironment('livekit-api', VERSION, HOW_TO_GET_IT, progress);
  return join(folder, 'bin/python');
}
