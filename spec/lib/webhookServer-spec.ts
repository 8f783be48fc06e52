import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import type { WebhookEvent } from 'livekit-server-sdk';
import { type Observable, ReplaySubject, type Subscription, take, toArray } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import { freePort } from '../../demo/freePort.js';
import { mintToken } from '../../demo/participants/mintToken.js';
import { serveWebhooks } from '../../lib/webhookServer.js';
import { postWebhook, signWebhook } from '../support/postWebhook.js';
import { recordedLogger } from '../support/recordedLogger.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { settingsFor } from '../support/settingsFor.js';

const SOON = 5_000;
const ACCESS = { url: 'ws://127.0.0.1:7880', apiKey: 'the-key', apiSecret: 'the-secret' };
const BODY = '{"event":"participant_left","id":"EV_1","room":{"name":"call-1"},"createdAt":"17"}';

describe('serveWebhooks', function () {
  this.timeout(10_000);
  let port: number;
  let events: ReplaySubject<WebhookEvent>;
  let lines: ReplaySubject<string>;
  let counted: string[];
  let taken: Observable<WebhookEvent>;
  let server: Subscription;

  beforeEach(async () => {
    port = await freePort();
    events = new ReplaySubject(Infinity);
    const [logger, written] = recordedLogger('debug');
    lines = written;
    counted = [];
    const metrics = { webhook: (outcome: string) => void counted.push(outcome) };
    const { livekit } = settingsFor(ACCESS);
    taken = serveWebhooks(port, { livekit, logger, metrics });
    server = taken.subscribe(events);
  });
  afterEach(() => server.unsubscribe());

  const logged = () => seenSoFar(lines).map((line) => JSON.parse(line) as { status: number });

  /** That a request was refused, logged once, and that the next good one is taken. */
  async function expectRefused(status: number): Promise<void> {
    expect(logged()).to.have.lengthOf(1);
    expect(logged()[0]).to.include({ level: 'warn', message: 'webhook refused', status });
    expect(await postWebhook(port, await signWebhook(ACCESS, BODY))).to.equal(200);
    expect(seenSoFar(events)).to.have.lengthOf(1);
    expect(counted).to.deep.equal(['refused', 'received']);
  }

  it('should emit what LiveKit has signed', async () => {
    expect(await postWebhook(port, await signWebhook(ACCESS, BODY))).to.equal(200);
    const event = await firstWithin(events, SOON, 'the event');
    expect(event).to.include({ event: 'participant_left', id: 'EV_1' });
    expect(event.room?.name).to.equal('call-1');
    expect(logged()).to.deep.equal([]);
  });

  it('should take many at once', async () => {
    const many = Array.from(
      { length: 50 },
      (_, index) => `{"event":"room_started","id":"${index}"}`,
    );
    const statuses = await Promise.all(
      many.map(async (body) => postWebhook(port, await signWebhook(ACCESS, body))),
    );
    expect(new Set(statuses)).to.deep.equal(new Set([200]));
    const all = await firstWithin(events.pipe(take(many.length), toArray()), SOON, 'all events');
    expect(new Set(all.map(({ id }) => id)).size).to.equal(many.length);
  });

  it('should take what a newer LiveKit adds', async () => {
    const body = '{"event":"something_new","id":"EV_2","planet":"Mars"}';
    expect(await postWebhook(port, await signWebhook(ACCESS, body))).to.equal(200);
    expect(await firstWithin(events, SOON, 'the event')).to.include({ id: 'EV_2' });
  });

  it('should keep no connection, which would bind LiveKit to one pod', async () => {
    const { authorization } = await signWebhook(ACCESS, BODY);
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      ...{ method: 'POST', body: BODY },
      headers: { authorization },
    });
    expect(response.headers.get('connection')).to.equal('close');
  });

  it('should refuse what nobody has signed', async () => {
    expect(await postWebhook(port, { body: BODY })).to.equal(401);
    await expectRefused(401);
  });

  it('should refuse what is signed with another secret', async () => {
    const forged = await signWebhook({ ...ACCESS, apiSecret: 'a-guess' }, BODY);
    expect(await postWebhook(port, forged)).to.equal(401);
    await expectRefused(401);
  });

  it('should refuse what is signed with another key', async () => {
    const other = await signWebhook({ ...ACCESS, apiKey: 'another-key' }, BODY);
    expect(await postWebhook(port, other)).to.equal(401);
    await expectRefused(401);
  });

  it('should refuse a signature that is too old', async () => {
    const old = await signWebhook(ACCESS, BODY, '-30s');
    expect(await postWebhook(port, old)).to.equal(401);
    await expectRefused(401);
  });

  it('should refuse a signature of another body', async () => {
    const { authorization } = await signWebhook(ACCESS, BODY);
    const body = BODY.replace('call-1', 'call-2');
    expect(await postWebhook(port, { body, authorization })).to.equal(401);
    await expectRefused(401);
  });

  it("should refuse a token that is no webhook's", async () => {
    const authorization = await mintToken(ACCESS, { room: 'call-1', identity: 'caller' });
    expect(await postWebhook(port, { body: BODY, authorization })).to.equal(401);
    await expectRefused(401);
  });

  for (const authorization of ['nonsense', 'Bearer a.b.c', 'a'.repeat(8_000)]) {
    it(`should refuse a header that is no token: ${authorization.slice(0, 20)}`, async () => {
      expect(await postWebhook(port, { body: BODY, authorization })).to.equal(401);
      await expectRefused(401);
    });
  }

  it('should refuse what is signed and no event', async () => {
    expect(await postWebhook(port, await signWebhook(ACCESS, '{"event":'))).to.equal(400);
    await expectRefused(400);
  });

  it('should refuse a body that is too long, signed or not', async () => {
    const body = JSON.stringify({ event: 'room_started', id: 'x'.repeat(1_100_000) });
    expect(await postWebhook(port, await signWebhook(ACCESS, body))).to.equal(413);
    await expectRefused(413);
  });

  it('should refuse other requests', async () => {
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).to.equal(405);
    await fetch(`http://127.0.0.1:${port}/webhooks`, { method: 'POST', body: BODY }).then(
      ({ status }) => expect(status).to.equal(404),
    );
    expect(logged().map(({ status }) => status)).to.deep.equal([405, 404]);
  });

  it('should outlive who hangs up in the middle of a body', async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"event":');
    socket.end();
    await firstWithin(lines, SOON, 'a line about it');
    await expectRefused(400);
  });

  it('should log neither bodies nor tokens', async () => {
    const { authorization } = await signWebhook(ACCESS, 'another');
    await postWebhook(port, { body: BODY, authorization });
    await postWebhook(port, await signWebhook(ACCESS, 'the-caller'));
    await postWebhook(port, await signWebhook(ACCESS, '{"createdAt":"the-caller"}'));
    const text = seenSoFar(lines).join();
    expect(seenSoFar(lines)).to.have.lengthOf(3);
    for (const secret of [authorization, 'call-1', 'the-caller', ACCESS.apiSecret]) {
      expect(text).not.to.include(secret);
    }
  });

  it('should give the port back when unsubscribed from', async () => {
    await postWebhook(port, { body: BODY });
    server.unsubscribe();
    const next = createServer().listen(port);
    await once(next, 'listening');
    next.close();
  });

  it('should say which port is taken', async () => {
    const failure: unknown = await firstWithin(taken, SOON, 'a port').catch(
      (error: unknown) => (error as Error).cause,
    );
    expect(String(failure)).to.match(new RegExp(`webhook port ${port}: .*EADDRINUSE`));
  });
});
