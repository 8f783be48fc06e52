import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { answers } from '../../demo/answers.js';
import { cacheFolder, findProgram } from '../../demo/cache.js';
import { makeOnce, type Progress } from '../../demo/makeOnce.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const HOW_TO_GET_ONE =
  'No Chromium was found. Any one of these helps:\n' +
  '  - put chromium or google-chrome on the PATH (Debian: apt-get install chromium),\n' +
  '  - let this machine reach the network: Playwright then downloads one.';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const playwright = dirname(require.resolve('playwright-core/package.json'));
const { version } = require('playwright-core/package.json') as { readonly version: string };
/** Each version of Playwright wants a Chromium of its own. */
const FOLDER = `chromium-of-playwright-${version}`;

/**
 * Finds a Chromium for the tests of the playground, or gets one: on the PATH, in the cache folder, by
 * Playwright's own download, or from Debian where this runs as root.
 *
 * @returns path of the executable.
 * @throws Error that says how to get one, when none of the ways is open.
 */
export async function findChromium(progress: Progress): Promise<string> {
  const found = (await onPath()) ?? (await downloaded(join(cacheFolder(), FOLDER)));
  if (found !== undefined) return found;
  try {
    const path = await downloaded(await makeOnce(FOLDER, (at) => download(at, progress), progress));
    if (path !== undefined) return path;
  } catch {
    progress('Chromium cannot be downloaded here');
  }
  if (process.getuid?.() === 0) await installWithApt(progress);
  const installed = await onPath();
  if (installed === undefined) throw new Error(HOW_TO_GET_ONE);
  return installed;
}

async function onPath(): Promise<string | undefined> {
  for (const name of NAMES) {
    const path = await findProgram(name);
    if (path !== undefined && (await starts(path))) return path;
  }
  return undefined;
}

/** The one that was downloaded to a folder, if the libraries that it needs are here as well. */
async function downloaded(folder: string): Promise<string | undefined> {
  const program = `console.log(require(${JSON.stringify(playwright)}).chromium.executablePath())`;
  const { stdout } = await run(process.execPath, ['--eval', program], { env: keptIn(folder) });
  const path = stdout.trim();
  return (await starts(path)) ? path : undefined;
}

async function download(folder: string, progress: Progress): Promise<void> {
  progress('downloading Chromium with Playwright (170 MB, once)');
  const install = [join(playwright, 'cli.js'), 'install', '--no-shell', 'chromium'];
  await run(process.execPath, install, { env: keptIn(folder) });
}

async function installWithApt(progress: Progress): Promise<void> {
  progress('installing chromium with apt-get');
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, maxBuffer: Infinity };
  await run('apt-get', ['update', '--quiet'], quiet).catch(() => undefined);
  const packages = ['--yes', '--quiet', '--no-install-recommends', 'chromium'];
  await run('apt-get', ['install', ...packages], quiet).catch(() => undefined);
}

function starts(path: string): Promise<boolean> {
  return answers(path, ['--version']);
}

function keptIn(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, PLAYWRIGHT_BROWSERS_PATH: folder };
}
