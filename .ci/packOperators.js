// Packs the operators by themselves, without the worker and what it depends on, for other bots:
// the same name and import specifier as the whole package, and rxjs alone beside it.
//
//   node .ci/packOperators.js [BUILD]     BUILD: where `npm run build` has compiled to, else dist
//
// Writes BUILD/livekit-media-bot-operators-VERSION.tgz, and prints its path.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const build = resolve(process.argv[2] ?? join(project, 'dist'));
const read = (path) => readFileSync(join(project, path), 'utf8');

const {
  name,
  version,
  license,
  type,
  private: isPrivate,
  exports,
  sideEffects,
  dependencies,
} = JSON.parse(read('package.json'));
const manifest = {
  name,
  version,
  description: 'RxJS operators for audio bots: sound, speech, sentiment and media commands',
  license,
  type,
  private: isPrivate,
  exports: { './operators': exports['./operators'] },
  sideEffects,
  // A peer: an Observable of another copy of rxjs is none to the operators' types.
  peerDependencies: { rxjs: dependencies.rxjs },
};
const chapter = read('README.md')
  .split(/^## /m)
  .find((text) => text.startsWith('Reuse the operators'));

const folder = mkdtempSync(join(tmpdir(), 'operators-'));
try {
  cpSync(join(build, 'operators'), join(folder, 'dist/operators'), { recursive: true });
  cpSync(join(project, 'LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'README.md'), `# ${chapter}`);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  const output = execFileSync('npm', ['pack', '--json', folder], { cwd: folder });
  const [{ filename }] = JSON.parse(output);
  const archive = join(build, `${name}-operators-${version}.tgz`);
  // Across file systems a file cannot be renamed.
  cpSync(join(folder, filename), archive);
  console.log(archive);
} finally {
  rmSync(folder, { recursive: true });
}
