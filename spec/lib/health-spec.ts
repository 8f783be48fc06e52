import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect } from 'chai';
import { BehaviorSubject, ReplaySubject, type Subscription } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import { freePort } from '../../demo/freePort.js';
import { serveHealth } from '../../lib/health.js';

const causeOf = (error: unknown) => String((error as Error).cause);

describe('serveHealth', function () {
  this.timeout(10_000);
  let port: number;
  let unready: BehaviorSubject<string | undefined>;
  let server: Subscription;

  beforeEach(async () => {
    port = await freePort();
    unready = new BehaviorSubject<string | undefined>('not yet');
    const listening = new ReplaySubject<number>(1);
    server = serveHealth(port, unready).subscribe(listening);
    expect(await firstWithin(listening, 5_000, 'the health server')).to.equal(port);
  });

  afterEach(() => server.unsubscribe());

  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, (await response.text()).trim()];
  };

  it('should be alive whether or not it is ready', async () => {
    expect(await get('/livez')).to.deep.equal([200, 'alive']);
    unready.next(undefined);
    expect(await get('/livez')).to.deep.equal([200, 'alive']);
  });

  it('should be ready as long as there is no reason against it', async () => {
    expect(await get('/readyz')).to.deep.equal([503, 'not yet']);
    unready.next(undefined);
    expect(await get('/readyz')).to.deep.equal([200, 'ready']);
    unready.next('draining');
    expect(await get('/readyz')).to.deep.equal([503, 'draining']);
  });

  it('should know no other page', async () => {
    expect(await get('/metrics')).to.deep.equal([404, 'not found']);
  });

  it('should give the port back when unsubscribed from, idle connections or not', async () => {
    await get('/livez');
    server.unsubscribe();
    const next = createServer().listen(port);
    await once(next, 'listening');
    next.close();
  });

  it('should say which port is taken', async () => {
    const failure = await firstWithin(serveHealth(port, unready), 5_000, 'a port').catch(causeOf);
    expect(failure).to.match(new RegExp(`health port ${port}: .*EADDRINUSE`));
  });
});
