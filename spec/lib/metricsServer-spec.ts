import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect } from 'chai';
import { ReplaySubject, type Subscription } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import { freePort } from '../../demo/freePort.js';
import { serveMetrics } from '../../lib/metricsServer.js';

const SOON = 5_000;

describe('serveMetrics', function () {
  this.timeout(10_000);
  let port: number;
  let read: () => Promise<string>;
  let server: Subscription;

  beforeEach(async () => {
    port = await freePort();
    read = () => Promise.resolve('up 1\n');
    const listening = new ReplaySubject<number>(1);
    server = serveMetrics(port, () => read()).subscribe(listening);
    expect(await firstWithin(listening, SOON, 'the metrics server')).to.equal(port);
  });
  afterEach(() => server.unsubscribe());

  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);

  it('should serve what is read at each request, as Prometheus expects it', async () => {
    const response = await get('/metrics');
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).to.equal('up 1\n');
    read = () => Promise.resolve('up 2\n');
    expect(await (await get('/metrics')).text()).to.equal('up 2\n');
  });

  it('should know no other page', async () => {
    expect((await get('/readyz')).status).to.equal(404);
  });

  it('should say that metrics cannot be had, and serve on', async () => {
    read = () => Promise.reject(new Error('no host answers'));
    const response = await get('/metrics');
    expect([response.status, await response.text()]).to.deep.equal([
      500,
      'Error: no host answers\n',
    ]);
    read = () => Promise.resolve('up 1\n');
    expect((await get('/metrics')).status).to.equal(200);
  });

  it('should give the port back when unsubscribed from, idle connections or not', async () => {
    await get('/metrics');
    server.unsubscribe();
    const next = createServer().listen(port);
    await once(next, 'listening');
    next.close();
  });

  it('should say which port is taken', async () => {
    const failure: unknown = await firstWithin(
      serveMetrics(port, () => read()),
      SOON,
      'a port',
    ).catch((error: unknown) => (error as Error).cause);
    expect(String(failure)).to.match(new RegExp(`metrics port ${port}: .*EADDRINUSE`));
  });
});
