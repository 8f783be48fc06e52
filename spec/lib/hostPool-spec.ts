import { expect } from 'chai';
import {
  catchError,
  filter,
  ignoreElements,
  type Observable,
  of,
  ReplaySubject,
  takeLast,
  tap,
  toArray,
} from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import type { CallAssignment } from '../../lib/callTypes.js';
import { HostLost } from '../../lib/carrier.js';
import type { HostPool, HostPoolOptions } from '../../lib/hostPool.js';
import type { FromCall } from '../../lib/hostProtocol.js';
import { openScriptedPool, type ScriptedPool } from '../support/scriptedPool.js';

const SOON = 30_000;

const assignment = (jobId: string, room = 'lasts'): CallAssignment => ({
  jobId,
  room,
  identity: `media-bot-${jobId}`,
  url: 'ws://127.0.0.1:1',
  token: '',
  metadata: '',
});

/** Starts a call and resolves with the pid of its host, once it has joined. */
const hostOf = async (
  pool: HostPool,
  jobId: string,
  room?: string,
): Promise<[number, ReplaySubject<FromCall>]> => {
  const reports = new ReplaySubject<FromCall>(Infinity);
  pool.run(assignment(jobId, room)).subscribe(reports);
  const joined = await firstWithin(reports, SOON, 'joined');
  expect(joined).to.include({ type: 'joined', jobId });
  return [Number((joined as { participantSid: string }).participantSid.slice(3)), reports];
};

const allOf = (reports: Observable<FromCall>) =>
  firstWithin(reports.pipe(toArray()), SOON, 'the end of a call');

/** Resolves with what is reported up to the death of the call's host. */
const untilLost = (reports: Observable<FromCall>) => {
  const seen: string[] = [];
  return firstWithin(
    reports.pipe(
      tap(({ type }) => seen.push(type)),
      ignoreElements(),
      catchError((error: unknown) => {
        expect(error).to.be.instanceOf(HostLost);
        return of(seen);
      }),
    ),
    SOON,
    'the loss of the host',
  );
};

const lastOf = (reports: Observable<FromCall>) =>
  firstWithin(reports.pipe(takeLast(1)), SOON, 'the end of a call');

const warm = (pool: HostPool, count: number) =>
  firstWithin(pool.warm$.pipe(filter((hosts) => hosts === count)), SOON, `${count} warm hosts`);

describe('createHostPool', function () {
  this.timeout(60_000);
  let scripted: ScriptedPool;
  let pool: HostPool;

  beforeEach(async () => {
    scripted = openScriptedPool(2);
    pool = scripted.pool;
    await warm(pool, 2);
  });

  afterEach(() => scripted.close());

  it('should give each call to the least loaded host', async () => {
    const pids = [];
    for (const jobId of ['a', 'b', 'c', 'd']) pids.push((await hostOf(pool, jobId))[0]);
    const [first, second] = [...new Set(pids)];
    expect(pids.filter((pid) => pid === first)).to.have.length(2);
    expect(pids.filter((pid) => pid === second)).to.have.length(2);
  });

  it('should report a call from joining to its end, which waits for leave', async () => {
    const reports = new ReplaySubject<FromCall>(Infinity);
    pool.run(assignment('a', 'ends')).subscribe(reports);
    await firstWithin(reports.pipe(filter(({ type }) => type === 'ending')), SOON, 'ending');
    pool.leave('a');
    const all = await allOf(reports);
    expect(all.map(({ type, jobId }) => `${type} ${jobId}`)).to.deep.equal([
      'joined a',
      'ending a',
      'ended a',
    ]);
  });

  it("should lose a killed host's calls, spare the others, and replace it", async () => {
    const [pid, doomed] = await hostOf(pool, 'a');
    const [otherPid, spared] = await hostOf(pool, 'b');
    expect(otherPid).not.to.equal(pid);
    process.kill(pid, 'SIGKILL');
    expect(await untilLost(doomed)).to.deep.equal(['joined']);
    await warm(pool, 2);
    const [replacement] = await hostOf(pool, 'c');
    expect(replacement).not.to.be.oneOf([pid, otherPid]);
    await scripted.close();
    expect(await lastOf(spared)).to.include({ jobId: 'b', outcome: 'completed' });
  });

  it('should kill a host that stands still, and lose its calls', async () => {
    const [pid, doomed] = await hostOf(pool, 'a');
    process.kill(pid, 'SIGSTOP');
    expect(await untilLost(doomed)).to.deep.equal(['joined']);
    await warm(pool, 2);
    expect(() => process.kill(pid, 0)).to.throw('ESRCH');
  });

  it('should lose a call that crashes its host', async () => {
    expect(await untilLost(pool.run(assignment('a', 'crashes')))).to.deep.equal(['joined']);
  });

  it('should end calls and hosts on shutdown, and replace none', async () => {
    const [pid, reports] = await hostOf(pool, 'a');
    await scripted.close();
    expect(await lastOf(reports)).to.include({ type: 'ended', outcome: 'completed' });
    expect(() => process.kill(pid, 0)).to.throw('ESRCH');
    expect(await firstWithin(pool.warm$, SOON, 'warm hosts')).to.equal(0);
  });

  it('should lose a call at once when no host is warm', async () => {
    await scripted.close();
    expect(await untilLost(pool.run(assignment('a')))).to.deep.equal([]);
  });

  it('should shut down hosts that are still starting', async () => {
    const starting = openScriptedPool(1);
    await starting.close();
    expect(await firstWithin(starting.pool.warm$, SOON, 'warm hosts')).to.equal(0);
  });
});

describe('createHostPool, whose hosts retire', function () {
  this.timeout(60_000);
  let scripted: ScriptedPool;
  let pool: HostPool;
  let left: string[];
  let warmHosts: number[];

  beforeEach(() => {
    left = [];
    warmHosts = [];
  });
  afterEach(() => scripted.close());

  const open = async (size: number, options: Partial<HostPoolOptions>) => {
    scripted = openScriptedPool(size, { ...options, onLeft: (how) => left.push(how) });
    pool = scripted.pool;
    await warm(pool, size);
    pool.warm$.subscribe({ next: (hosts) => warmHosts.push(hosts), error: () => left.push('all') });
  };
  const isGone = (pid: number) => {
    expect(() => process.kill(pid, 0)).to.throw('ESRCH');
  };
  /** Resolves when so many hosts are alive, each of which has told what it uses. */
  const alive = (count: number) =>
    firstWithin(pool.memory$.pipe(filter(({ size }) => size === count)), SOON, `${count} alive`);

  it('should have one take no more calls after so many, and leave with its last one', async () => {
    await open(1, { maxCalls: 2 });
    const [first, long] = await hostOf(pool, 'long');
    const [second, short] = await hostOf(pool, 'short');
    expect(second).to.equal(first);
    await alive(2);
    const [successor] = await hostOf(pool, 'next');
    expect(successor).not.to.equal(first);
    pool.leave('short');
    await lastOf(short);
    process.kill(first, 0);
    pool.leave('long');
    expect(await lastOf(long)).to.include({ type: 'ended', outcome: 'completed' });
    await alive(1);
    isGone(first);
    expect(left).to.deep.equal(['retired']);
  });

  it('should have those that started together retire one after the other', async () => {
    await open(2, { maxCalls: 4 });
    for (const jobId of ['a', 'b', 'c', 'd']) await hostOf(pool, jobId);
    expect(left).to.deep.equal(['retired']);
  });

  it('should have one take no more calls when it has grown too heavy', async () => {
    await open(1, { maxMemory: 100 * 2 ** 20 });
    const [light] = await hostOf(pool, 'light');
    expect((await hostOf(pool, 'light too'))[0]).to.equal(light);
    await hostOf(pool, 'heavy', 'weighs 60');
    await alive(2);
    expect((await hostOf(pool, 'next'))[0]).not.to.equal(light);
    expect(left).to.deep.equal(['retired']);
  });

  it('should keep one that is heavy from the start', async () => {
    await open(1, { maxMemory: 1 });
    await alive(1);
    const [host] = await hostOf(pool, 'a');
    await alive(2);
    expect((await hostOf(pool, 'b'))[0]).not.to.equal(host);
  });

  it('should always have a host that can take a call', async () => {
    await open(1, { maxCalls: 1 });
    const pids = new Set<number>();
    for (const number of [1, 2, 1]) {
      // Alone: its own successor gets the number of the one before it, which has to be gone.
      const alone = pool.memory$.pipe(filter((used) => used.size === 1 && used.has(number)));
      await firstWithin(alone, SOON, 'a host');
      const [pid, reports] = await hostOf(pool, 'a');
      pids.add(pid);
      pool.leave('a');
      await lastOf(reports);
    }
    expect(pids.size).to.equal(3);
    expect(warmHosts.filter((hosts) => hosts < 1)).to.deep.equal([]);
  });

  it('should release the calls of those that have retired on shutdown', async () => {
    await open(1, { maxCalls: 1 });
    const [first, reports] = await hostOf(pool, 'a');
    await alive(2);
    await scripted.close();
    expect(await lastOf(reports)).to.include({ type: 'ended', outcome: 'completed' });
    isGone(first);
  });

  it('should lose the calls of one that dies after it has retired, and not replace it again', async () => {
    await open(1, { maxCalls: 1 });
    const [first, reports] = await hostOf(pool, 'a');
    await alive(2);
    process.kill(first, 'SIGKILL');
    await untilLost(reports);
    await alive(1);
    expect(left).to.deep.equal(['retired', 'died']);
    await hostOf(pool, 'b');
    await alive(2);
    expect(left).to.deep.equal(['retired', 'died', 'retired']);
  });
});
