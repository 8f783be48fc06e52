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
import { HostLost, type HostPool } from '../../lib/hostPool.js';
import type { FromCall } from '../../lib/hostProtocol.js';
import { openScriptedPool, type ScriptedPool } from '../support/scriptedPool.js';

const SOON = 20_000;

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
): Promise<[number, ReplaySubject<FromCall>]> => {
  const reports = new ReplaySubject<FromCall>(Infinity);
  pool.run(assignment(jobId)).subscribe(reports);
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
