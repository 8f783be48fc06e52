import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { memoryLimit, ownMemory } from '../../lib/memory.js';

describe('the memory', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'memory-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  describe('that a process has to itself', () => {
    it('should be its anonymous pages', () => {
      const status = file('status', 'Name:\tnode\nVmRSS:\t  90000 kB\nRssAnon:\t   50000 kB\n');
      expect(ownMemory(status)).to.equal(51_200_000);
    });

    it('should be all that is resident where that is not told', () => {
      const told = ownMemory(join(folder, 'nothing'));
      expect(told).to.be.closeTo(process.memoryUsage.rss(), 20 * 2 ** 20);
    });

    it('should grow with what it takes', () => {
      const program = `
        import { ownMemory } from './lib/memory.ts';
        const before = ownMemory();
        const taken = Buffer.alloc(50 * 2 ** 20, 1);
        console.log(ownMemory() - before - taken.length);
      `;
      // In a process of its own: what other specs have left in this one may be freed meanwhile.
      const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
      const more = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
      expect(more).to.be.closeTo(0, 20 * 2 ** 20);
    });
  });

  describe('that a container may use', () => {
    it('should be the limit of its cgroup', () => {
      file('memory.max', '536870912\n');
      expect(memoryLimit(folder)).to.equal(536_870_912);
    });

    it('should have no limit without one', () => {
      file('memory.max', 'max\n');
      expect(memoryLimit(folder)).to.equal(undefined);
      expect(memoryLimit(join(folder, 'nothing'))).to.equal(undefined);
    });
  });
});
