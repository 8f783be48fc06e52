import { expect } from 'chai';

import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { firstWithin } from '../../demo/firstWithin.js';

const BODY = Buffer.alloc(40_000, 7);

describe('assetServer', () => {
  let server: AssetServer;

  beforeEach(async () => {
    server = await startAssetServer({ 'a.mp3': { body: BODY } });
  });
  afterEach(() => server.close());

  it('should serve an asset whole and count the requests', async () => {
    const response = await fetch(server.urlOf('a.mp3'));
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.equal('audio/mpeg');
    expect(Buffer.from(await response.arrayBuffer()).equals(BODY)).to.equal(true);
    expect(server.count('a.mp3')).to.equal(1);
    const request = await firstWithin(server.requests, 1_000, 'a request');
    expect(request.name).to.equal('a.mp3');
    expect(await request.ended).to.equal('answered');
  });

  it('should answer 404 to what it does not have', async () => {
    expect((await fetch(server.urlOf('b.mp3'))).status).to.equal(404);
  });

  it('should answer with the status and headers it is given, redirects among them', async () => {
    const headers = { Location: server.urlOf('a.mp3') };
    server.put('moved.mp3', { body: Buffer.alloc(0), status: 302, headers });
    server.put('broken.mp3', { body: Buffer.from('sorry'), status: 503 });
    expect((await fetch(server.urlOf('moved.mp3'))).url).to.equal(server.urlOf('a.mp3'));
    expect((await fetch(server.urlOf('broken.mp3'))).status).to.equal(503);
  });

  it('should answer 304 to the ETag of the asset, and 200 to another', async () => {
    server.put('a.mp3', { body: BODY, headers: { ETag: '"v1"', 'Cache-Control': 'no-cache' } });
    const ask = (etag: string) =>
      fetch(server.urlOf('a.mp3'), { headers: { 'if-none-match': etag } });
    const unchanged = await ask('"v1"');
    expect(unchanged.status).to.equal(304);
    expect(unchanged.headers.get('cache-control')).to.equal('no-cache');
    expect((await ask('"v0"')).status).to.equal(200);
  });

  it('should hold the first byte back', async () => {
    server.put('late.mp3', { body: BODY, delayMs: 200 });
    const start = performance.now();
    await fetch(server.urlOf('late.mp3'));
    expect(performance.now() - start).to.be.above(195);
  });

  it('should throttle the body', async () => {
    server.put('slow.mp3', { body: BODY, bytesPerSecond: 80_000 });
    const start = performance.now();
    const body = await (await fetch(server.urlOf('slow.mp3'))).arrayBuffer();
    expect(body.byteLength).to.equal(BODY.length);
    expect(performance.now() - start).to.be.above(400);
  });

  it('should tear the connection in the middle of the body', async () => {
    server.put('torn.mp3', { body: BODY, tornAfterBytes: 10_000 });
    const response = await fetch(server.urlOf('torn.mp3'));
    const failure = await response.arrayBuffer().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(TypeError);
    const request = await firstWithin(server.requests, 1_000, 'a request');
    expect(await request.ended).to.equal('aborted');
  });

  it('should notice that the client has given up', async () => {
    server.put('slow.mp3', { body: BODY, bytesPerSecond: 1_000 });
    const abort = new AbortController();
    await fetch(server.urlOf('slow.mp3'), { signal: abort.signal });
    abort.abort();
    const request = await firstWithin(server.requests, 1_000, 'a request');
    expect(await request.ended).to.equal('aborted');
  });
});
