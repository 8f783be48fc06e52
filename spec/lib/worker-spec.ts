import { randomUUID } from 'node:crypto';
import { JobStatus, type WorkerMessage, WorkerStatus as Availability } from '@livekit/protocol';
import { expect } from 'chai';
import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import {
  BehaviorSubject,
  filter,
  lastValueFrom,
  map,
  of,
  pairwise,
  ReplaySubject,
  Subject,
  type Subscription,
} from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import { freePort } from '../../demo/freePort.js';
import { joinRoom } from '../../demo/participants/joinRoom.js';
import type { Refusal } from '../../lib/admission.js';
import type { CallOutcome } from '../../lib/callTypes.js';
import type { Settings } from '../../lib/config.js';
import { availableCores } from '../../lib/load.js';
import { liveness } from '../../lib/pipelines/liveness.js';
import { runWorker, type WorkerStatus } from '../../lib/worker.js';
import { LiveKitLostError } from '../../streams/workerProtocol.js';
import { type AgentProxy, openAgentProxy } from '../support/agentProxy.js';
import { recordedLogger } from '../support/recordedLogger.js';
import { openScriptedPool, type ScriptedPool } from '../support/scriptedPool.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { silentLogger } from '../support/silentLogger.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';
import { settingsFor } from '../support/settingsFor.js';

const SOON = 30_000;
const LOAD_OF_ONE_CALL = 0.1 / availableCores();

type Message = WorkerMessage['message'];
type Said<T> = Extract<Message, { case: T }>;

describe('runWorker', function () {
  this.timeout(90_000);
  const server = useLiveKitServer();
  let scripted: ScriptedPool;
  let proxy: AgentProxy;
  let load: BehaviorSubject<number>;
  let drain: Subject<void>;
  let statuses: ReplaySubject<WorkerStatus>;
  let lines: ReplaySubject<Record<string, unknown>>;
  let worker: Subscription;
  let rooms: RoomServiceClient;
  let dispatches: AgentDispatchClient;
  let agentName: string;
  /** What became of each job: the reason of a refusal, or that it was accepted. */
  let counted: string[];
  /** Starts and ends of calls. */
  let calls: string[];

  beforeEach(async () => {
    const { url, apiKey, apiSecret } = server();
    const api = url.replace('ws', 'http');
    rooms = new RoomServiceClient(api, apiKey, apiSecret);
    dispatches = new AgentDispatchClient(api, apiKey, apiSecret);
    // A name of its own, lest the server remember the worker of the spec before.
    agentName = `media-bot-${randomUUID()}`;
    load = new BehaviorSubject(0);
    [counted, calls] = [[], []];
    drain = new Subject();
    proxy = await openAgentProxy(`${url}/agent`);
    scripted = openScriptedPool(2);
    await firstWithin(scripted.pool.warm$.pipe(filter((hosts) => hosts === 2)), SOON, 'hosts');
  });

  afterEach(async () => {
    worker.unsubscribe();
    await scripted.close();
    await proxy.close();
  });

  const changed = (change: Partial<Settings>): Settings => {
    const settings = settingsFor(server());
    const livekit = { ...settings.livekit, agentUrl: proxy.agentUrl };
    return { ...settings, livekit, agentName, ...change };
  };

  const start = async (change: Partial<Settings> = {}) => {
    const settings = changed(change);
    const [logger, output] = recordedLogger('debug');
    lines = new ReplaySubject(Infinity);
    output.pipe(map((line) => JSON.parse(line) as Record<string, unknown>)).subscribe(lines);
    statuses = new ReplaySubject(Infinity);
    const { pool } = scripted;
    const metrics = {
      answered: (refusal: Refusal | undefined) => void counted.push(refusal ?? 'accepted'),
      tookOver: (outcome: 'taken_over' | 'given_up') => void counted.push(outcome),
      callStarted: () => void calls.push('started'),
      callEnded: (outcome: CallOutcome) => void calls.push(outcome),
    };
    const memory$ = of(new Map([['worker', 0]]));
    const deps = { settings, logger, pool, metrics, load$: load, memory$, drain$: drain };
    worker = runWorker(deps).subscribe(statuses);
    await status(({ registered }) => registered);
  };

  const status = (satisfy: (status: WorkerStatus) => boolean) =>
    firstWithin(statuses.pipe(filter(satisfy)), SOON, 'a status');

  const logged = (message: string, count = 1) =>
    firstWithin(
      lines.pipe(
        filter((line) => line.message === message),
        filter((_, index) => index === count - 1),
      ),
      SOON,
      message,
    );

  const said = <T extends Message['case']>(
    kind: T,
    satisfy: (value: Said<T>['value']) => boolean = () => true,
  ) => {
    const isWanted = (message: Message): message is Said<T> =>
      message.case === kind && satisfy(message.value as Said<T>['value']);
    return firstWithin(proxy.said.pipe(filter(isWanted)), SOON, String(kind));
  };

  const callCounts = () =>
    statuses.pipe(
      map(({ calls }) => calls),
      pairwise(),
    );

  const dispatch = async (room: string, metadata = '') => {
    await rooms.createRoom({ name: room });
    return dispatches.createDispatch(room, agentName, { metadata });
  };

  it('should join as a media bot, and report the job from running to success', async () => {
    await start();
    await dispatch('ends-well');
    const { value: answer } = await said('availability');
    expect(answer).to.include({ available: true, terminate: false, participantName: 'Media Bot' });
    expect(answer.participantIdentity).to.match(/^media-bot-[\da-f-]{36}$/);
    expect(answer.participantAttributes).to.deep.equal({ 'lk.agent_name': agentName });
    const { jobId } = answer;
    await said('updateJob', (update) => update.status === JobStatus.JS_RUNNING);
    const { value: over } = await said('updateJob', (u) => u.status === JobStatus.JS_SUCCESS);
    expect(over.jobId).to.equal(jobId);
    await status(({ calls }) => calls === 1);
    await firstWithin(callCounts().pipe(filter(([before, now]) => before > now)), SOON, 'its end');
  });

  it('should give up a call that kills one host after the other, and release its people', async () => {
    await start();
    await rooms.createRoom({ name: 'crashes' });
    const attributes = { 'media.status': 'playing', 'media.status_command_id': 'one' };
    const caller = await joinRoom(server(), { room: 'crashes', identity: 'caller', attributes });
    await dispatch('crashes');
    const { value } = await said('updateJob', (u) => u.status === JobStatus.JS_FAILED);
    expect(value.error).to.equal('the call failed');
    expect(counted).to.deep.equal(['accepted', 'taken_over', 'taken_over', 'given_up']);
    expect(calls).to.deep.equal(['started', 'failed']);
    const { attributes: released } = await rooms.getParticipant('crashes', 'caller');
    expect(released).to.include({ 'media.status': 'failed', 'media.held': 'false' });
    expect(released['media.error']).to.match(/^bot_gone: /);
    await caller.leave();
  });

  it('should accept exactly one of two jobs of the same instant under a threshold for one', async () => {
    await start({ loadThreshold: LOAD_OF_ONE_CALL / 2 });
    await Promise.all([dispatch('one'), dispatch('two')]);
    await logged('call assigned');
    expect((await logged('call turned away')).reason).to.equal('overloaded');
    const { value } = await said('availability', ({ available }) => !available);
    expect(value.terminate).to.equal(false);
    expect(counted).to.have.members(['accepted', 'overloaded']);
  });

  it('should turn the second job of a room away for good', async () => {
    await start();
    await dispatch('shared');
    await logged('call joined');
    await dispatch('shared');
    expect((await logged('call turned away')).reason).to.equal('bot_present');
    await said('availability', ({ available, terminate }) => !available && terminate);
    expect(counted).to.deep.equal(['accepted', 'bot_present']);
  });

  it('should turn the second job away where the bot to be relieved is not in the room', async () => {
    await start();
    await dispatch('promised');
    // A scripted call joins no room.
    const { value: first } = await said('availability');
    await logged('call joined');
    await dispatch('promised', JSON.stringify({ handover_from: first.participantIdentity }));
    await said('availability', ({ available, terminate }) => !available && terminate);
    expect(counted).to.deep.equal(['accepted', 'bot_present']);
  });

  describe('in a room with the bot of another worker', () => {
    const bot = 'somebody-elses-bot';
    const joinBot = (room: string) =>
      joinRoom(server(), {
        room,
        identity: bot,
        kind: 'agent',
        attributes: { 'lk.agent_name': agentName },
      });

    it('should turn the job away for good', async () => {
      await start();
      await rooms.createRoom({ name: 'occupied' });
      const other = await joinBot('occupied');
      const inRoom = { room: other.room, roomName: 'occupied', identity: other.identity };
      const alive = liveness({ ...inRoom, api: rooms, logger: silentLogger() }).subscribe();
      await dispatch('occupied');
      expect((await logged('call turned away')).reason).to.equal('bot_present');
      await said('availability', ({ available, terminate }) => !available && terminate);
      alive.unsubscribe();
      await other.leave();
    });

    it('should take the job when that bot gives no sign of life, and relieve it', async () => {
      await start();
      await rooms.createRoom({ name: 'deserted' });
      const other = await joinBot('deserted');
      await dispatch('deserted');
      await logged('bot gives no sign of life, its call is taken');
      const { value: answer } = await said('availability', ({ available }) => available);
      expect(answer.participantAttributes).to.include({ 'media-bot.relieves': bot });
      await logged('call joined');
      await other.leave();
    });

    it('should take the job when it is to relieve that bot', async () => {
      await start();
      await rooms.createRoom({ name: 'relieved' });
      const other = await joinBot('relieved');
      await dispatch('relieved', JSON.stringify({ handover_from: bot }));
      await logged('call joined');
      await other.leave();
    });

    it('should take the job when the server cannot be asked', async () => {
      const { livekit } = changed({});
      const httpUrl = `http://127.0.0.1:${await freePort()}`;
      await start({ livekit: { ...livekit, httpUrl } });
      await dispatch('unknown');
      await logged('bots in the room unknown, taking the call');
      await logged('call joined');
    });
  });

  it('should not take an agent of another name for a bot', async () => {
    await start();
    await rooms.createRoom({ name: 'with-agent' });
    const agent = await joinRoom(server(), {
      room: 'with-agent',
      identity: 'assistant',
      kind: 'agent',
      attributes: { 'lk.agent_name': 'assistant' },
    });
    await dispatch('with-agent');
    await logged('call joined');
    await agent.leave();
  });

  it("should be full over its threshold, and available below it whatever the server's target", async () => {
    load.next(0.9);
    await start();
    const { value: full } = await said('updateWorker', (u) => u.status === Availability.WS_FULL);
    expect(full.load).to.be.closeTo(0.9, 1e-6);
    // The server drops jobs for workers that report its target load of 0.7.
    load.next(0.74);
    await said('updateWorker', (u) => u.status === Availability.WS_AVAILABLE);
    await dispatch('at-the-limit');
    await logged('call joined');
  });

  it('should decline while draining, and be done when its calls have ended', async () => {
    await start();
    await dispatch('lasts');
    await logged('call joined');
    drain.next();
    await status(({ draining }) => draining);
    await said('updateWorker', (u) => u.status === Availability.WS_FULL);
    await scripted.close();
    expect(await status(({ draining, calls }) => draining && calls === 0)).to.include({
      registered: true,
    });
    await said('updateJob', (u) => u.status === JobStatus.JS_SUCCESS);
  });

  it('should keep its calls while LiveKit is away, and report what has become of them', async () => {
    await start();
    await dispatch('outlasts');
    await logged('call joined');
    proxy.cut();
    await logged('LiveKit unreachable, trying again');
    await logged('registered with LiveKit', 2);
    expect(seenSoFar(statuses).at(-1)?.calls).to.equal(1);
    await scripted.close();
    await said('updateJob', (u) => u.status === JobStatus.JS_SUCCESS);
  });

  it('should take a promise back that no assignment follows', async () => {
    await start();
    proxy.lose = 'assignment';
    await dispatch('never-assigned');
    await status(({ calls }) => calls === 1);
    await logged('call promised but never assigned');
    expect(seenSoFar(statuses).at(-1)?.calls).to.equal(0);
  });

  it('should ignore the termination of a job', async () => {
    await start();
    const { id } = await dispatch('terminated');
    await logged('call joined');
    await dispatches.deleteDispatch(id, 'terminated');
    await logged('job termination ignored');
    expect(seenSoFar(statuses).at(-1)?.calls).to.equal(1);
  });

  it('should error when LiveKit is lost for good', async () => {
    await start({ maxRetry: 2 });
    await proxy.close();
    const failure: unknown = await lastValueFrom(statuses, { defaultValue: undefined }).catch(
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(LiveKitLostError);
    proxy = await openAgentProxy(`${server().url}/agent`);
  });
});
