import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect } from 'chai';

import { descendants, parseMemory, parseStat, treeUsage } from '../../bench/processTree.js';

/** On a processor: the machine may have other work too. */
const WORK_MS = 400;
/** User and system time, each cut off to 10 ms. */
const CUT_OFF_MS = 20;

describe('parseStat', () => {
  it('should read pid, parent and the time in user and system mode', () => {
    const stat = '4711 (node) S 42 4711 8660 0 -1 4194304 100 0 0 0 123 45 9 9 20 0 1 0 447123';
    expect(parseStat(stat)).to.deep.equal({ pid: 4711, parent: 42, cpuMs: 1_680 });
  });

  it('should not be misled by the name of the process', () => {
    const stat = '7 (a) S 1 (b) R 3 7 0 0 -1 4194304 100 0 0 0 1 2 0 0 20 0 1 0 447123';
    expect(parseStat(stat)).to.deep.equal({ pid: 7, parent: 3, cpuMs: 30 });
  });
});

describe('parseMemory', () => {
  it('should read PSS and all private memory in MiB', () => {
    const rollup =
      'Rss:               99999 kB\nPss:                2048 kB\nPss_Dirty:           112 kB\n' +
      'Shared_Clean:       1620 kB\nPrivate_Clean:       512 kB\nPrivate_Dirty:       512 kB\n';
    expect(parseMemory(rollup)).to.deep.equal({ pssMiB: 2, privateMiB: 1 });
  });
});

describe('descendants', () => {
  const process = (pid: number, parent: number) => ({ pid, parent, cpuMs: 0 });
  const all = [process(1, 0), process(2, 1), process(3, 2), process(4, 3), process(5, 1)];

  it('should be a process, its children and theirs', () => {
    expect(descendants(2, all).map(({ pid }) => pid)).to.deep.equal([2, 3, 4]);
    expect(descendants(5, all).map(({ pid }) => pid)).to.deep.equal([5]);
  });

  it('should be nothing where there is no such process', () => {
    expect(descendants(6, all)).to.deep.equal([]);
  });
});

describe('treeUsage', () => {
  // Elsewhere there is no /proc.
  if (process.platform !== 'linux') return;

  it('should count a process and its child, their memory and the time they worked', async () => {
    const used = '(({ user, system }) => user + system)(process.cpuUsage())';
    const work = `while (${used} < ${1_000 * WORK_MS});`;
    const script = `${work} console.log('done'); process.stdin.resume()`;
    const shell = spawn('sh', ['-c', '"$0" -e "$1"; exit 3', process.execPath, script]);
    await once(shell.stdout, 'data');
    const usage = await treeUsage(shell.pid!);
    shell.stdin.end();
    expect(await once(shell, 'exit')).to.deep.equal([3, null]);
    expect(usage.processes).to.equal(2);
    expect(usage.privateMiB).to.be.greaterThan(1).and.at.most(usage.pssMiB);
    expect(usage.cpuMs).to.be.at.least(WORK_MS - CUT_OFF_MS);
  });

  it('should count nothing where there is no such process', async () => {
    const nothing = { processes: 0, pssMiB: 0, privateMiB: 0, cpuMs: 0 };
    expect(await treeUsage(-1)).to.deep.equal(nothing);
  });
});
