import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { JobStatus, ServerMessage, WorkerMessage } from '@livekit/protocol';
import { expect } from 'chai';
import {
  AgentDispatchClient,
  RoomAgentDispatch,
  RoomServiceClient,
  TokenVerifier,
} from 'livekit-server-sdk';
import {
  EMPTY,
  exhaustMap,
  filter,
  interval,
  lastValueFrom,
  ReplaySubject,
  Subject,
  type Subscription,
} from 'rxjs';
import { type WebSocket, WebSocketServer } from 'ws';
import { firstWithin } from '../../demo/firstWithin.js';
import { freePort } from '../../demo/freePort.js';
import { startLiveKitServer } from '../../demo/livekitServer.js';
import type { ServerAccess } from '../../demo/participants/mintToken.js';
import {
  LiveKitLostError,
  workerProtocol,
  type WorkerProtocolEvent,
  type WorkerProtocolOptions,
} from '../../streams/workerProtocol.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const SOON = 30_000;

type EventOf<T> = Extract<WorkerProtocolEvent, { type: T }>;

/** A registered worker, as a spec sees it. */
interface Worker {
  readonly events: ReplaySubject<WorkerProtocolEvent>;
  readonly say: (message: WorkerMessage['message']) => void;
  /** The first event of a kind that satisfies, past ones included. */
  readonly next: <T extends WorkerProtocolEvent['type']>(
    type: T,
    satisfy?: (event: EventOf<T>) => boolean,
  ) => Promise<EventOf<T>>;
  readonly subscription: Subscription;
}

const optionsFor = (server: ServerAccess, change: Partial<WorkerProtocolOptions> = {}) => ({
  agentUrl: `${server.url}/agent`,
  apiKey: server.apiKey,
  apiSecret: server.apiSecret,
  agentName: 'media-bot',
  maxRetry: 5,
  ...change,
});

const startWorker = (options: WorkerProtocolOptions): Worker => {
  const outgoing = new Subject<WorkerMessage>();
  const events = new ReplaySubject<WorkerProtocolEvent>(Infinity);
  const subscription = workerProtocol(options, outgoing).subscribe(events);
  return {
    events,
    say: (message) => outgoing.next(new WorkerMessage({ message })),
    next: (type, satisfy = () => true) => {
      type Wanted = EventOf<typeof type>;
      const isWanted = (event: WorkerProtocolEvent): event is Wanted =>
        event.type === type && satisfy(event as Wanted);
      return firstWithin(events.pipe(filter(isWanted)), SOON, type);
    },
    subscription,
  };
};

const typesSeen = ({ events }: Worker) => seenSoFar(events).map(({ type }) => type);

const failureOf = ({ events }: Worker): Promise<unknown> =>
  lastValueFrom(events, { defaultValue: undefined }).catch((error: unknown) => error);

const clientsOf = ({ url, apiKey, apiSecret }: ServerAccess) => {
  const api = url.replace('ws', 'http');
  return {
    rooms: new RoomServiceClient(api, apiKey, apiSecret),
    dispatches: new AgentDispatchClient(api, apiKey, apiSecret),
  };
};

describe('workerProtocol, with a LiveKit server', function () {
  this.timeout(90_000);
  const server = useLiveKitServer();
  let worker: Worker;

  afterEach(() => worker.subscription.unsubscribe());

  /** The job of this room that is offered; one that the last worker left open may be, too. */
  const jobIn = async (room: string) =>
    (await worker.next('availability', ({ job }) => job.room?.name === room)).job;

  it('should register, and be offered the jobs of a dispatch', async () => {
    worker = startWorker(optionsFor(server()));
    const { workerId, serverVersion } = await worker.next('registered');
    expect(workerId).to.match(/^AW_/);
    expect(serverVersion).to.match(/^\d+\.\d+\.\d+/);
    const { rooms, dispatches } = clientsOf(server());
    await rooms.createRoom({ name: 'dispatched' });
    const { id } = await dispatches.createDispatch('dispatched', 'media-bot', { metadata: 'm' });
    const job = await jobIn('dispatched');
    expect(job).to.include({ dispatchId: id, agentName: 'media-bot', metadata: 'm' });
  });

  it('should be offered the job of a room that is created with it', async () => {
    worker = startWorker(optionsFor(server()));
    await worker.next('registered');
    const agents = [new RoomAgentDispatch({ agentName: 'media-bot' })];
    await clientsOf(server()).rooms.createRoom({ name: 'configured', agents });
    expect(await jobIn('configured')).to.include({ agentName: 'media-bot' });
  });

  it('should be assigned what it accepts, with a token for its identity', async () => {
    worker = startWorker(optionsFor(server()));
    await worker.next('registered');
    const { rooms, dispatches } = clientsOf(server());
    await rooms.createRoom({ name: 'accepted' });
    await dispatches.createDispatch('accepted', 'media-bot');
    const job = await jobIn('accepted');
    const participantIdentity = 'media-bot-1';
    const value = { jobId: job.id, available: true, participantIdentity };
    worker.say({ case: 'availability', value: { ...value } as never });
    const assigned = await worker.next('assignment');
    expect(assigned.job.id).to.equal(job.id);
    expect(assigned.job.state?.participantIdentity).to.equal(participantIdentity);
    const { apiKey, apiSecret } = server();
    const claims = await new TokenVerifier(apiKey, apiSecret).verify(assigned.token);
    expect(claims).to.include({ sub: participantIdentity, kind: 'agent' });
    expect(claims.video).to.include({ room: 'accepted', roomJoin: true, agent: true });
  });

  it('should hear of a job that is terminated', async () => {
    worker = startWorker(optionsFor(server()));
    await worker.next('registered');
    const { rooms, dispatches } = clientsOf(server());
    await rooms.createRoom({ name: 'terminated' });
    const { id } = await dispatches.createDispatch('terminated', 'media-bot');
    const job = await jobIn('terminated');
    const value = { jobId: job.id, available: true, participantIdentity: 'media-bot-2' };
    worker.say({ case: 'availability', value: value as never });
    await worker.next('assignment');
    await dispatches.deleteDispatch(id, 'terminated');
    expect(await worker.next('termination')).to.deep.equal({ type: 'termination', jobId: job.id });
  });

  it('should end the job of a status that says so', async () => {
    worker = startWorker(optionsFor(server()));
    await worker.next('registered');
    const { rooms, dispatches } = clientsOf(server());
    await rooms.createRoom({ name: 'ended' });
    const { id } = await dispatches.createDispatch('ended', 'media-bot');
    const job = await jobIn('ended');
    const value = { jobId: job.id, available: true, participantIdentity: 'media-bot-3' };
    worker.say({ case: 'availability', value: value as never });
    await worker.next('assignment');
    // The server takes note of an assignment after it has told of it.
    const isNoted = async () =>
      (await dispatches.getDispatch(id, 'ended'))?.state?.jobs.some((it) => it.id === job.id);
    await firstWithin(
      interval(20).pipe(exhaustMap(isNoted), filter(Boolean)),
      SOON,
      'a note of it',
    );
    const status = { jobId: job.id, status: JobStatus.JS_SUCCESS, error: '' };
    worker.say({ case: 'updateJob', value: status as never });
    // What is said is heard in order, yet a request to the API may overtake it.
    worker.say({ case: 'simulateJob', value: { room: { name: 'heard' } } as never });
    await jobIn('heard');
    await dispatches.deleteDispatch(id, 'ended');
    worker.say({ case: 'updateJob', value: status as never });
    // Of a job that is over the server has nothing to terminate: the next dispatch comes first.
    const next = await dispatches.createDispatch('ended', 'media-bot');
    await worker.next('availability', (event) => event.job.dispatchId === next.id);
    worker.subscription.unsubscribe();
    worker.events.complete();
    expect(typesSeen(worker)).not.to.include('termination');
  });

  it('should let others have a job that it declines, unless it is final', async () => {
    worker = startWorker(optionsFor(server()));
    const other = startWorker(optionsFor(server()));
    await Promise.all([worker.next('registered'), other.next('registered')]);
    const { rooms, dispatches } = clientsOf(server());
    await rooms.createRoom({ name: 'declined' });
    const offeredTo = async (dispatchId: string) => {
      const mine = (event: EventOf<'availability'>) => event.job.dispatchId === dispatchId;
      const first = await Promise.race([
        worker.next('availability', mine).then((event) => ({ event, by: worker, rest: other })),
        other.next('availability', mine).then((event) => ({ event, by: other, rest: worker })),
      ]);
      return {
        jobId: first.event.job.id,
        by: first.by,
        askRest: () => first.rest.next('availability', mine),
      };
    };

    const open = await offeredTo((await dispatches.createDispatch('declined', 'media-bot')).id);
    open.by.say({ case: 'availability', value: { jobId: open.jobId } as never });
    expect((await open.askRest()).job.id).to.equal(open.jobId);

    const closed = await offeredTo((await dispatches.createDispatch('declined', 'media-bot')).id);
    closed.by.say({
      case: 'availability',
      value: { jobId: closed.jobId, terminate: true } as never,
    });
    // The server asks in turn: had it asked the other one, that would be before the next dispatch.
    const next = await offeredTo((await dispatches.createDispatch('declined', 'media-bot')).id);
    next.by.say({ case: 'availability', value: { jobId: next.jobId, terminate: true } as never });
    const asked = [worker, other]
      .flatMap(({ events }) => seenSoFar(events))
      .map((event) => event.type === 'availability' && event.job.id);
    other.subscription.unsubscribe();
    expect(asked.filter((id) => id === open.jobId)).to.have.length(2);
    expect(asked.filter((id) => id === closed.jobId)).to.have.length(1);
  });

  it('should name the wrong secret as the reason of its failure', async () => {
    const apiSecret = 'another-secret-than-that-of-the-server';
    worker = startWorker(optionsFor(server(), { apiSecret, maxRetry: 1 }));
    const failure = await failureOf(worker);
    expect(failure).to.be.instanceOf(LiveKitLostError);
    expect(String(failure))
      .to.match(/refused the API key or secret/)
      .and.not.include(apiSecret);
  });
});

describe('workerProtocol, when the server goes', function () {
  this.timeout(120_000);

  it('should register again with a server that is restarted', async () => {
    const first = await startLiveKitServer();
    const worker = startWorker(optionsFor(first, { maxRetry: 16 }));
    const before = await worker.next('registered');
    await first.stop();
    const { failures } = await worker.next('disconnected');
    expect(failures).to.equal(1);
    const second = await startLiveKitServer({ port: Number(new URL(first.url).port) });
    const isNew = (event: EventOf<'registered'>) => event.workerId !== before.workerId;
    await worker.next('registered', isNew);
    worker.subscription.unsubscribe();
    await second.stop();
  });

  it('should give up after so many failures in a row', async () => {
    const server = { url: `ws://127.0.0.1:${await freePort()}`, apiKey: 'k', apiSecret: 's' };
    const worker = startWorker(optionsFor(server, { maxRetry: 3 }));
    const failure = await failureOf(worker);
    expect(failure).to.be.instanceOf(LiveKitLostError);
    expect(String(failure)).to.match(/3 attempts: .*ECONNREFUSED/);
    const failures = seenSoFar(worker.events).map((event) => 'failures' in event && event.failures);
    expect(failures).to.deep.equal([1, 2]);
  });
});

describe('workerProtocol, with a server that misbehaves', function () {
  this.timeout(60_000);
  let server: WebSocketServer;
  let connections: ReplaySubject<[WebSocket, WorkerMessage[], string | undefined]>;
  let access: ServerAccess;
  let worker: Worker;

  const registration = () =>
    new ServerMessage({ message: { case: 'register', value: { workerId: 'AW_1' } } }).toBinary();

  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    connections = new ReplaySubject(Infinity);
    server.on('connection', (socket, request) => {
      const said: WorkerMessage[] = [];
      socket.on('message', (data: Buffer) => said.push(WorkerMessage.fromBinary(data)));
      connections.next([socket, said, request.headers.authorization]);
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    access = { url: `ws://127.0.0.1:${port}`, apiKey: 'key', apiSecret: 'secret' };
  });

  afterEach(() => {
    worker.subscription.unsubscribe();
    for (const socket of server.clients) socket.terminate();
    server.close();
  });

  const start = (change: Partial<WorkerProtocolOptions> = {}) => {
    worker = startWorker(optionsFor(access, change));
  };
  const connection = (index: number) =>
    firstWithin(connections.pipe(filter((_, i) => i === index)), SOON, 'a connection');

  it('should show what it does not know, and go on', async () => {
    start();
    const [socket] = await connection(0);
    socket.send(registration());
    // Field 99 of a later protocol; bytes that are no message; text.
    socket.send(Buffer.from([0x9a, 0x06, 0x00]));
    socket.send(Buffer.from([0xff, 0xff, 0xff]));
    socket.send('text');
    const termination = { case: 'termination', value: { jobId: 'j' } } as const;
    socket.send(new ServerMessage({ message: termination }).toBinary());
    await worker.next('termination');
    expect(typesSeen(worker)).to.deep.equal([
      ...['registered', 'unknown', 'unknown', 'unknown', 'termination'],
    ]);
  });

  it('should leave a connection that has fallen silent, and one that never spoke', async () => {
    start({ pingInterval: 1_000 });
    const [socket] = await connection(0);
    socket.send(registration());
    const silent = await worker.next('disconnected');
    expect(silent.error.message).to.include('silent');
    await once(socket, 'close');
    await connection(1);
    const { error } = await worker.next('disconnected', ({ failures }) => failures === 2);
    expect(error.message).to.include('silent');
  });

  it('should keep a connection that answers its pings', async () => {
    start({ pingInterval: 2_000 });
    const [socket, said] = await connection(0);
    socket.send(registration());
    socket.on('message', () =>
      socket.send(new ServerMessage({ message: { case: 'pong', value: {} } }).toBinary()),
    );
    // Without an answer it would have been left before the third.
    while (said.filter(({ message }) => message.case === 'ping').length < 3)
      await once(socket, 'message');
    expect(typesSeen(worker)).to.deep.equal(['registered']);
  });

  it('should mint a token for each attempt', async () => {
    start();
    const [socket, , authorization] = await connection(0);
    const claims = await new TokenVerifier('key', 'secret').verify(authorization!.slice(7));
    expect(claims.video).to.deep.equal({ agent: true });
    socket.close();
    const [, , second] = await connection(1);
    expect(second).to.match(/^Bearer /);
  });

  it('should send a job status once registered again, and drop what would be stale', async () => {
    start();
    const [first] = await connection(0);
    first.close();
    await worker.next('disconnected');
    const status = { jobId: 'j', status: JobStatus.JS_SUCCESS, error: '' };
    worker.say({ case: 'updateWorker', value: { load: 0.5, jobCount: 1 } as never });
    worker.say({ case: 'updateJob', value: status as never });
    const [second, said] = await connection(1);
    second.send(registration());
    await worker.next('registered');
    worker.say({ case: 'updateWorker', value: { load: 0.25, jobCount: 0 } as never });
    const cases = () => said.map(({ message }) => message.case).filter((c) => c !== 'ping');
    while (!cases().includes('updateWorker')) await once(second, 'message');
    expect(cases()).to.deep.equal(['register', 'updateJob', 'updateWorker']);
  });

  it('should close the connection when unsubscribed from', async () => {
    start();
    const [socket] = await connection(0);
    socket.send(registration());
    await worker.next('registered');
    worker.subscription.unsubscribe();
    await once(socket, 'close');
  });
});

describe('workerProtocol, not subscribed to', () => {
  it('should do nothing', () => {
    const options = { agentUrl: 'not an address', apiKey: 'k', apiSecret: 's', agentName: 'a' };
    expect(() => workerProtocol({ ...options, maxRetry: 1 }, EMPTY)).not.to.throw();
  });
});
