import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { expect } from 'chai';

/** Runs .ci/run with a program in the place of npm that prints this and ends so. */
function runWith(lines: readonly string[], code: number) {
  const folder = mkdtempSync(join(tmpdir(), 'ci-run-'));
  const printed = lines.map((line) => `printf '%b\\n' '${line}'`).join('\n');
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\n${printed}\nexit ${code}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` };
  const { stdout, status } = spawnSync('.ci/run', { env, encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return { last: stdout.trimEnd().split('\n').at(-1), status };
}

describe('.ci/run', () => {
  it('should sum up the tests of all mocha runs, coloured or not', () => {
    const lines = ['  12 passing (3s)', 'not 5 passing', '\\033[32m  30 passing\\033[0m (1m)'];
    expect(runWith(lines, 0)).to.deep.equal({ last: '42 passed, 0 failed', status: 0 });
  });

  it('should fail as npm test fails, and count what failed', () => {
    const lines = ['  12 passing (3s)', '  2 failing'];
    expect(runWith(lines, 2)).to.deep.equal({ last: '12 passed, 2 failed', status: 2 });
  });

  it('should fail when no test has run', () => {
    expect(runWith(['all well'], 0)).to.deep.equal({ last: '0 passed, 0 failed', status: 1 });
  });
});
