import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { firstWithin } from '../../demo/firstWithin.js';
import {
  type DeepgramStandIn,
  startDeepgramStandIn,
} from '../../demo/providers/deepgramStandIn.js';
import { tonePhraseBook } from '../support/tonePhrases.js';

const SOON = 5_000;
const ACCOUNT = { apiKey: 'key', phraseBook: tonePhraseBook };
const HEADERS = { Authorization: 'Token key' };
const RAW = 'encoding=linear16&sample_rate=16000';
const FRAME = Buffer.alloc(640);

/** The adapter's spec shows what the stand-in understands; this one, what it does not put up with. */
describe('deepgramStandIn', () => {
  let standIn: DeepgramStandIn;

  beforeEach(async () => {
    standIn = await startDeepgramStandIn(ACCOUNT);
  });
  afterEach(() => standIn.close());

  const connect = (target: string, headers: Record<string, string> = HEADERS) =>
    new WebSocket(`${standIn.url}${target}`, { headers });

  const refusals: readonly (readonly [what: string, target: string, status: number])[] = [
    ['another path', '/v2/listen?model=nova-3', 404],
    ['an unknown model', '/v1/listen?model=nova-4', 400],
    ['no model', `/v1/listen?${RAW}`, 400],
    ['an unknown language', '/v1/listen?model=nova-3&language=tlh', 400],
    ['raw audio without a rate', '/v1/listen?model=nova-3&encoding=linear16', 400],
    ['a flag that is no flag', '/v1/listen?model=nova-3&punctuate=yes', 400],
    ['an unknown parameter', '/v1/listen?model=nova-3&keywords=LiveKit', 400],
  ];
  for (const [what, target, status] of refusals) {
    it(`should refuse ${what} with ${status}`, async () => {
      const socket = connect(target);
      socket.on('error', () => undefined);
      const [, response] = (await once(socket, 'unexpected-response')) as [
        unknown,
        IncomingMessage,
      ];
      expect(response.statusCode).to.equal(status);
      socket.terminate();
    });
  }

  it('should tell in body and header why it refuses, as for a missing key', async () => {
    const socket = connect(`/v1/listen?model=nova-3&${RAW}`, {});
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    const body = JSON.parse(String((await response.toArray())[0])) as Record<string, string>;
    expect(response.statusCode).to.equal(401);
    expect(response.headers['dg-error']).to.equal(body.err_msg);
    expect(body).to.include({ err_code: 'INVALID_AUTH' }).and.have.property('request_id');
    socket.terminate();
  });

  const breaches: readonly (readonly [what: string, query: string, sent: string | Buffer])[] = [
    ['audio in an encoding that was not told', '', FRAME],
    ['audio in another encoding', '&encoding=opus&sample_rate=16000', FRAME],
    ['half a sample', `&${RAW}`, Buffer.alloc(3)],
    ['an unknown message', `&${RAW}`, '{"type":"Finalise"}'],
    ['a message that is no JSON', `&${RAW}`, 'Finalize'],
  ];
  for (const [what, query, sent] of breaches) {
    it(`should hang up with DATA-0000 on ${what}`, async () => {
      const socket = connect(`/v1/listen?model=nova-3${query}`);
      await once(socket, 'open');
      socket.send(sent);
      const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
      expect([code, String(reason)]).to.deep.equal([1008, 'DATA-0000']);
    });
  }

  it('should hang up on a connection on which nothing is said', async () => {
    await standIn.close();
    standIn = await startDeepgramStandIn({ ...ACCOUNT, idleMs: 200 });
    const socket = connect(`/v1/listen?model=nova-3&${RAW}`);
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect(code).to.equal(1011);
    expect(String(reason)).to.include('net0001');
    expect(await firstWithin(standIn.closes, SOON, 'the close')).to.equal(1011);
  });
});
