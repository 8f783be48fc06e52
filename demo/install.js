// Installs what is missing, and is done at once when nothing is. Plain JavaScript without
// dependencies: it runs in a fresh clone, before there is anything to run it with.
//
//   node demo/install.js             the packages of package-lock.json
//   node demo/install.js --server    these, and a LiveKit server for the tests and the demo
//   node demo/install.js --chart     these, and what the tests of the Helm chart need
//   node demo/install.js --browser   these, and a Chromium for the tests of the playground
//   node demo/install.js --python    these, and LiveKit's server SDK for Python

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** npm writes this file last, so an installation that was cut short does not look finished. */
const INSTALLED = 'node_modules/.package-lock.json';
const FINDERS = {
  '--server': ['demo/findLiveKitServer.ts'],
  '--chart': ['spec/support/findHelm.ts', 'spec/support/findKubernetesValidate.ts'],
  '--browser': ['spec/support/findChromium.ts'],
  '--python': ['spec/support/findLiveKitApi.ts'],
};

if (modified(INSTALLED) < modified('package-lock.json')) {
  console.log('installing packages (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund']);
}
for (const argument of process.argv.slice(2)) FINDERS[argument].forEach(find);

/** Each of these files exports a function of its name, which gets what it finds missing. */
function find(path) {
  const name = basename(path, '.ts');
  const program = `
    import { ${name} } from './${path}';
    ${name}((line) => console.log(line)).catch((error) => {
      console.error(error.message);
      process.exitCode = 1;
    });
  `;
  run(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program]);
}

function modified(path) {
  return statSync(new URL(`../${path}`, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
