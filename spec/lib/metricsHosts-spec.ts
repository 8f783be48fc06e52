import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { filter, lastValueFrom, mergeMap, ReplaySubject, switchMap, toArray } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import { forkHost } from '../../lib/forkHost.js';
import { createHostPool, type HostPool } from '../../lib/hostPool.js';
import { metricsText, type Snapshot } from '../../lib/metricsSnapshot.js';
import { silentLogger } from '../support/silentLogger.js';

const SOON = 20_000;
const COUNTING_HOST = fileURLToPath(new URL('metrics-host-child.ts', import.meta.url));

describe('the metrics of a pool of hosts', function () {
  this.timeout(60_000);
  let pool: HostPool;
  let shutdown: ReplaySubject<void>;
  let counted: ReplaySubject<readonly Snapshot[]>;

  const open = async (size: number) => {
    shutdown = new ReplaySubject(1);
    counted = new ReplaySubject(1);
    pool = createHostPool({
      size,
      maxCalls: 100,
      maxMemory: Infinity,
      onLeft: () => undefined,
      logger: silentLogger(),
      shutdown$: shutdown,
      program: COUNTING_HOST,
    });
    pool.running$.subscribe(counted);
    await warm(size);
  };
  const warm = (count: number) =>
    firstWithin(pool.warm$.pipe(filter((hosts) => hosts === count)), SOON, `${count} warm hosts`);

  afterEach(async () => {
    shutdown.next();
    await lastValueFrom(counted, { defaultValue: [] });
  });

  /** Has a host count so many repairs in a call that does not end; resolves with the host's pid. */
  const count = async (repairs: number) => {
    const jobId = `job-${repairs}`;
    const assignment = {
      jobId,
      room: String(repairs),
      identity: '',
      url: '',
      token: '',
      metadata: '',
    };
    const reports = new ReplaySubject<unknown>(1);
    pool.run(assignment).subscribe(reports);
    const joined = (await firstWithin(reports, SOON, 'joined')) as { participantSid: string };
    return Number(joined.participantSid);
  };

  const repairs = (total: number) =>
    firstWithin(
      counted.pipe(
        switchMap((snapshots) => metricsText(snapshots)),
        filter((text) => text.includes(`media_bot_isolation_repairs_total ${total}\n`)),
      ),
      SOON,
      `${total} repairs`,
    );

  it('should be added up', async () => {
    await open(2);
    expect(await count(3)).not.to.equal(await count(4));
    await repairs(7);
  });

  it('should outlive a host that is killed, but for its state', async () => {
    await open(1);
    const pid = await count(3);
    await repairs(3);
    process.kill(pid, 'SIGKILL');
    await warm(0);
    expect(await repairs(3)).not.to.include('media_bot_stt_circuit{');
    await warm(1);
    await count(4);
    expect(await repairs(7)).to.include('media_bot_stt_circuit{provider="groq"} 0');
  });
});

describe('the metrics of a call host', function () {
  this.timeout(90_000);
  const ENVIRONMENT = {
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'a-secret-of-thirty-two-characters',
    GROQ_API_KEY: 'no-account',
    DEEPGRAM_API_KEY: 'no-account',
    ELEVENLABS_API_KEY: 'no-account',
    LOG_LEVEL: 'ERROR',
  };
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  /** Types of all messages of a host that is shut down once it is ready. */
  const messages = async (env: NodeJS.ProcessEnv) => {
    Object.assign(process.env, ENVIRONMENT, env);
    const shutdown = new ReplaySubject<void>(1);
    const host = forkHost(shutdown).pipe(
      mergeMap(({ message$ }) => {
        shutdown.next();
        return message$;
      }),
      toArray(),
    );
    const all = await firstWithin(host, 4 * SOON, 'the end of the host');
    return all.map(({ type }) => type);
  };

  it('should be told at its end where somebody wants to know', async () => {
    const told = await messages({ MEDIA_BOT_PROMETHEUS_PORT: '9100' });
    expect(told.at(-1)).to.equal('metrics');
  });

  it('should not be told where nobody asks', async () => {
    expect(await messages({})).not.to.include('metrics');
  });
});
