import { randomUUID } from 'node:crypto';
import { JobStatus, type WorkerMessage } from '@livekit/protocol';
import { expect } from 'chai';
import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import { defer, filter, map, of, repeat, ReplaySubject, scan, Subject, tap } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import { SUCCESSOR_MEMORY } from '../../lib/memory.js';
import { metricsText } from '../../lib/metricsSnapshot.js';
import { createWorkerMetrics } from '../../lib/metricsWorker.js';
import { runWorker, type WorkerStatus } from '../../lib/worker.js';
import { type AgentProxy, openAgentProxy } from '../support/agentProxy.js';
import { openScriptedPool, type ScriptedPool } from '../support/scriptedPool.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { silentLogger } from '../support/silentLogger.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';
import { settingsFor } from '../support/settingsFor.js';

const SOON = 30_000;
const DISPATCHED = 100;
const ROOM_FOR = 60;
/** What admission reckons with for a call that is too new to be measured. */
const MEMORY_PER_CALL = 6 * 2 ** 20;

type Said<T> = Extract<WorkerMessage['message'], { case: T }>['value'];

describe('a worker that is asked for more calls in a second than it has room for', function () {
  this.timeout(90_000);
  const server = useLiveKitServer();
  let proxy: AgentProxy;
  let scripted: ScriptedPool;

  beforeEach(async () => {
    proxy = await openAgentProxy(`${server().url}/agent`);
    scripted = openScriptedPool(2);
    await firstWithin(scripted.pool.warm$.pipe(filter((hosts) => hosts === 2)), SOON, 'hosts');
  });
  afterEach(async () => {
    await scripted.close();
    await proxy.close();
  });

  const said = <T extends WorkerMessage['message']['case']>(kind: T): Said<T>[] =>
    seenSoFar(proxy.said)
      .filter((message) => message.case === kind)
      .map(({ value }) => value as Said<T>);

  function start(agentName: string) {
    const settings = settingsFor(server(), { MEDIA_BOT_AGENT_NAME: agentName });
    const metrics = createWorkerMetrics();
    const deps = {
      settings: {
        ...settings,
        livekit: { ...settings.livekit, agentUrl: proxy.agentUrl },
        // The processor is not what is scarce here.
        loadThreshold: Infinity,
        memoryLimit: SUCCESSOR_MEMORY + ROOM_FOR * MEMORY_PER_CALL,
      },
      logger: silentLogger(),
      pool: scripted.pool,
      metrics,
      load$: of(0),
      memory$: of(new Map([['worker', 0]])),
      drain$: new Subject(),
    };
    const status$ = runWorker(deps).pipe(tap((status) => metrics.fares(status)));
    return { metrics, status$ };
  }

  it('should serve as many as fit, once each, and refuse the rest before it accepts them', async () => {
    const { url, apiKey, apiSecret } = server();
    const agentName = `media-bot-${randomUUID()}`;
    const { metrics, status$ } = start(agentName);
    const statuses = new ReplaySubject<WorkerStatus>(Infinity);
    const worker = status$.subscribe(statuses);
    const registered = statuses.pipe(filter((status) => status.registered));
    await firstWithin(registered, SOON, 'the registration');

    const api = url.replace('ws', 'http');
    const rooms = new RoomServiceClient(api, apiKey, apiSecret);
    const dispatches = new AgentDispatchClient(api, apiKey, apiSecret);
    const names = Array.from({ length: DISPATCHED }, (_, number) => `burst-${number}`);
    await Promise.all(names.map((name) => rooms.createRoom({ name })));
    const answers = proxy.said.pipe(
      filter(({ case: kind }) => kind === 'availability'),
      scan((count) => count + 1, 0),
      filter((count) => count === DISPATCHED),
    );
    await Promise.all(names.map((name) => dispatches.createDispatch(name, agentName)));
    await firstWithin(answers, SOON, 'an answer to each');

    const page = () => metrics.snapshot().then((snapshot) => metricsText([snapshot]));
    const shown = defer(page).pipe(
      repeat({ delay: 100 }),
      filter((text) => text.includes(`media_bot_calls ${ROOM_FOR}\n`)),
    );
    const text = await firstWithin(shown, SOON, 'the calls');
    expect(text).to.include(`media_bot_jobs_accepted_total ${ROOM_FOR}\n`);
    expect(text).to.include(
      `media_bot_jobs_refused_total{reason="no_memory"} ${DISPATCHED - ROOM_FOR}\n`,
    );
    expect(text).to.include('media_bot_registered 1\n');
    const running = proxy.said.pipe(
      map(() => said('updateJob').filter(({ status }) => status === JobStatus.JS_RUNNING)),
      filter(({ length }) => length >= ROOM_FOR),
    );
    const jobs = (await firstWithin(running, SOON, 'the running jobs')).map(({ jobId }) => jobId);
    const accepted = said('availability').filter(({ available }) => available);
    expect(jobs).to.have.members(accepted.map(({ jobId }) => jobId));
    expect(said('updateJob').map(({ status }) => status)).not.to.include(JobStatus.JS_FAILED);
    worker.unsubscribe();
  });
});
