import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { TestScheduler } from 'rxjs/testing';
import { firstWithin } from '../../demo/firstWithin.js';
import { availableCores, averageLoad, cpuLoad, readCpuTimes } from '../../lib/load.js';
import { createTestScheduler } from '../support/testScheduler.js';

describe('averageLoad', () => {
  let rxTest: TestScheduler;

  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  const times = {
    a: { used: 0, available: 100 },
    b: { used: 50, available: 200 },
    c: { used: 50, available: 300 },
    d: { used: 150, available: 400 },
  };

  it('should average over the window, or what there is of it', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  a-b-c-d-|', times);
      const sourceSubs = '   ^-------!';
      const expected = '     --x-y-z-|';
      const loads = { x: 0.5, y: 0.25, z: 0.5 };
      expectObservable(source.pipe(averageLoad(2))).toBe(expected, loads);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
    });
  });

  it('should say nothing about a single measurement, or none', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('a-|', times).pipe(averageLoad(2))).toBe('--|');
      expectObservable(cold('--|', times).pipe(averageLoad(2))).toBe('--|');
      expectObservable(cold('---', times).pipe(averageLoad(2))).toBe('---');
    });
  });

  it('should never exceed 1, nor divide by no time at all', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const over = { a: times.a, b: { used: 300, available: 200 } };
      expectObservable(cold('ab|', over).pipe(averageLoad(4))).toBe('-x|', { x: 1 });
      expectObservable(cold('aa|', times).pipe(averageLoad(4))).toBe('-x|', { x: 0 });
    });
  });

  it('should pass an error on', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('ab-#', times).pipe(averageLoad(2))).toBe('-x-#', { x: 0.5 });
    });
  });

  it('should unsubscribe from the source when unsubscribed from', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  ab-c-', times);
      const unsub = '        --!  ';
      expectObservable(source.pipe(averageLoad(2)), unsub).toBe('-x', { x: 0.5 });
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  it('should start afresh with each subscriber', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const result = cold('ab|', times).pipe(averageLoad(2));
      expectObservable(result).toBe('        -x|', { x: 0.5 });
      expectObservable(result, '---^').toBe('----x|', { x: 0.5 });
    });
  });
});

describe('readCpuTimes', () => {
  let cgroup: string;

  beforeEach(() => {
    cgroup = mkdtempSync(join(tmpdir(), 'cgroup-'));
  });

  afterEach(() => rmSync(cgroup, { recursive: true }));

  const limit = (max: string, stat: string) => {
    writeFileSync(join(cgroup, 'cpu.max'), max);
    writeFileSync(join(cgroup, 'cpu.stat'), stat);
  };

  it("should measure a container's use against its quota", () => {
    limit('50000 100000\n', 'usage_usec 1000000\nuser_usec 600000\n');
    const before = readCpuTimes(cgroup);
    limit('50000 100000\n', 'usage_usec 1250000\nuser_usec 600000\n');
    const after = readCpuTimes(cgroup);
    expect(after.used - before.used).to.equal(250_000);
    expect(availableCores(cgroup)).to.equal(0.5);
  });

  it('should make half a core available per second to half a core', async () => {
    limit('50000 100000\n', 'usage_usec 0\n');
    const [start, before] = [performance.now(), readCpuTimes(cgroup)];
    await new Promise((resolve) => setImmediate(resolve));
    const [after, end] = [readCpuTimes(cgroup), performance.now()];
    const elapsed = (after.available - before.available) / 500;
    expect(elapsed).to.be.within(0, end - start);
  });

  it('should measure the whole machine without a quota', () => {
    limit('max 100000\n', 'usage_usec 0\n');
    for (const folder of [cgroup, join(cgroup, 'missing')]) {
      const { used, available } = readCpuTimes(folder);
      expect(used).to.be.within(1, available);
      expect(availableCores(folder)).to.equal(cpus().length);
    }
  });

  it('should refuse a quota without an account of its use', () => {
    limit('50000 100000\n', 'nr_periods 0\n');
    expect(() => readCpuTimes(cgroup)).to.throw('usage_usec');
  });
});

describe('cpuLoad', () => {
  it('should show this machine between idle and full within an interval', async function () {
    this.timeout(10_000);
    expect(await firstWithin(cpuLoad(), 8_000, 'a load')).to.be.within(0, 1);
  });
});
