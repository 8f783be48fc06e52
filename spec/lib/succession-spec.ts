import { expect } from 'chai';
import { lastValueFrom, Subject, type Subscription } from 'rxjs';
import { freePort } from '../../demo/freePort.js';
import { createWorkerMetrics } from '../../lib/metricsWorker.js';
import { succession } from '../../lib/succession.js';
import { postWebhook, signWebhook } from '../support/postWebhook.js';
import { settingsFor } from '../support/settingsFor.js';
import { silentLogger } from '../support/silentLogger.js';

const ACCESS = { url: 'ws://127.0.0.1:7880', apiKey: 'the-key', apiSecret: 'the-secret' };
const BODY = '{"event":"room_finished","id":"EV_1","room":{"name":"call-1"}}';

describe('succession', () => {
  let port: number;
  let drain: Subject<void>;
  let running: Subscription | undefined;

  beforeEach(async () => {
    port = await freePort();
    drain = new Subject();
  });
  afterEach(() => running?.unsubscribe());

  const run = (env: Readonly<Record<string, string>>) =>
    succession({
      settings: settingsFor(ACCESS, env),
      logger: silentLogger(),
      metrics: createWorkerMetrics(),
      drain$: drain,
    });
  const post = async () => postWebhook(port, await signWebhook(ACCESS, BODY));

  it('should receive webhooks where a port is set for them', async () => {
    running = run({ MEDIA_BOT_WEBHOOK_PORT: String(port) }).subscribe();
    expect(await post()).to.equal(200);
  });

  it('should receive nothing where none is', async () => {
    expect(await lastValueFrom(run({}), { defaultValue: 'complete' })).to.equal('complete');
  });

  it('should leave webhooks to other workers while it drains', async () => {
    running = run({ MEDIA_BOT_WEBHOOK_PORT: String(port) }).subscribe();
    expect(await post()).to.equal(200);
    drain.next();
    const refused: unknown = await post().catch((error: unknown) => (error as Error).cause);
    expect(refused).to.include({ code: 'ECONNREFUSED' });
  });
});
