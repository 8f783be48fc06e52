import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { RoomServiceClient, TokenVerifier } from 'livekit-server-sdk';
import { createRoomService } from '../../lib/roomService.js';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

const CREDENTIALS = { apiKey: 'a-key', apiSecret: 'a secret of thirty-two letters or more' };

describe('createRoomService', () => {
  const asked: Asked[] = [];
  let statuses: number[];
  let server: Server;
  let httpUrl: string;

  beforeEach(async () => {
    asked.length = 0;
    statuses = [];
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const { method, url, headers } = request;
        asked.push({ method, url, headers, body: JSON.parse(body) });
        response.writeHead(statuses.shift() ?? 200, { 'content-type': 'application/json' });
        response.end('{"msg":"away","code":"unavailable"}');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    httpUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const service = () => createRoomService({ url: '', agentUrl: '', httpUrl, ...CREDENTIALS }, 10);
  const tokenOf = ({ headers }: Asked) => headers.authorization!.replace('Bearer ', '');

  it('should ask for subscriptions as the SDK itself does', async () => {
    const sdk = new RoomServiceClient(httpUrl, CREDENTIALS.apiKey, CREDENTIALS.apiSecret);
    const own = service();
    for (const client of [sdk, own]) {
      await client.updateSubscriptions('a room', 'caller', ['TR_a', 'TR_b'], false);
      await client.updateSubscriptions('a room', 'caller', ['TR_a'], true);
    }
    const verifier = new TokenVerifier(CREDENTIALS.apiKey, CREDENTIALS.apiSecret);
    const plain = await Promise.all(
      asked.map(async (request) => {
        const { body, method, url } = request;
        const { participantTracks, subscribe = false, ...rest } = body as Record<string, unknown>;
        expect(participantTracks ?? []).to.deep.equal([]);
        const { video } = await verifier.verify(tokenOf(request));
        return [method, url, video, { ...rest, subscribe }];
      }),
    );
    expect(plain).to.have.length(4);
    expect(plain.slice(2)).to.deep.equal(plain.slice(0, 2));
  });

  it('should sign one token for all that is asked of a room, and another for another', async () => {
    const client = service();
    await client.updateSubscriptions('a room', 'caller', [], false);
    await client.updateParticipant('a room', 'caller', { attributes: {} });
    await client.updateSubscriptions('another room', 'caller', [], false);
    const [first, second, third] = asked.map(tokenOf);
    expect(second).to.equal(first);
    expect(third).not.to.equal(first);
  });

  it('should have the SDK ask once more what was refused', async () => {
    statuses = [503];
    await service().updateSubscriptions('a room', 'caller', ['TR_a'], false);
    expect(asked.map(({ url }) => url)).to.deep.equal([
      '/twirp/livekit.RoomService/UpdateSubscriptions',
      '/twirp/livekit.RoomService/UpdateSubscriptions',
    ]);
  });

  it("should fail with the SDK's own error where that is refused, too", async () => {
    statuses = [404, 404];
    const failure = await service()
      .updateSubscriptions('a room', 'caller', ['TR_a'], false)
      .catch((error: unknown) => error);
    expect(failure).to.include({ status: 404, message: 'away' });
  });

  it('should fail where nobody answers', async () => {
    const client = service();
    server.close();
    const failure = await client
      .updateSubscriptions('a room', 'caller', ['TR_a'], false)
      .catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
});
