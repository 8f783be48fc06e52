import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { type CallService, openCall } from '../../demo/callService.js';
import { freePort } from '../../demo/freePort.js';
import { type LiveKitServer, startLiveKitServer } from '../../demo/livekitServer.js';
import { now } from '../../demo/participants/heardWindows.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { bringBot } from '../support/bringBot.js';
import { botsIn } from '../support/botsIn.js';
import { showsMetrics } from '../support/showsMetrics.js';

const SOON = 60_000;
const MUSIC = 1_500;

/** A call whose caller is on hold. */
interface HeldCall {
  readonly service: CallService;
  readonly caller: DemoParticipant;
  readonly bot: string;
}

describe('a LiveKit server that is restarted', function () {
  this.timeout(10 * SOON);
  let server: LiveKitServer;
  let assets: AssetServer;
  let bot: BotProcess;
  let page: string;

  before(async () => {
    assets = await startAssetServer({ music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) } });
  });
  beforeEach(async () => {
    const port = await freePort();
    page = `http://127.0.0.1:${port}/metrics`;
    server = await startLiveKitServer();
    bot = await startBot(server, {
      env: {
        MEDIA_BOT_ASSET_ORIGINS: assets.origin,
        MEDIA_BOT_PROMETHEUS_PORT: String(port),
      },
    });
  });
  afterEach(async () => {
    await bot.stop('SIGKILL');
    await server.stop();
  });
  after(() => assets.close());

  async function openHeldCall(): Promise<HeldCall> {
    const room = `restarted-${randomUUID()}`;
    const service = await openCall(server, { room, dispatch: false });
    const caller = await joinRoom(server, { room, identity: 'caller', kind: 'sip' });
    await caller.speak(0);
    const identity = await bringBot(service);
    await service.play('caller', { url: assets.urlOf('music'), loop: true });
    await service.attributes('caller', (map) => map['media.held'] === 'true', SOON);
    await caller.waitForTone(MUSIC, { within: SOON, from: identity, since: now() });
    return { service, caller, bot: identity };
  }
  const shows = (within: number, ...samples: readonly string[]) =>
    showsMetrics(page, samples, within);

  it('should end the calls whose people are gone, and leave the worker ready for others', async () => {
    const [one, other] = [await openHeldCall(), await openHeldCall()];
    await shows(SOON, 'media_bot_calls 2');
    const { port } = new URL(server.url);
    await Promise.all([one.caller.leave(), other.caller.leave()]);
    await server.stop();
    await shows(SOON, 'media_bot_registered 0');
    server = await startLiveKitServer({ port: Number(port) });
    await shows(
      3 * SOON,
      'media_bot_registered 1',
      'media_bot_calls 0',
      'media_bot_hosts{state="ready"} 2',
      'media_bot_hosts_left_total{how="died"} 0',
    );
    const { caller, service, bot: identity } = await openHeldCall();
    await shows(SOON, 'media_bot_calls 1');
    await caller.waitForTone(MUSIC, { within: SOON, from: identity, since: now() });
    expect(await botsIn(service)).to.deep.equal([identity]);
    await caller.leave();
    await service.close();
    await shows(SOON, 'media_bot_calls 0');
  });

  it('should find one bot in the room to which somebody comes back', async () => {
    const before = await openHeldCall();
    const { room } = before.service;
    const { port } = new URL(server.url);
    await server.stop();
    server = await startLiveKitServer({ port: Number(port) });
    const service = await openCall(server, { room, dispatch: false });
    const caller = await joinRoom(server, { room, identity: 'caller', kind: 'sip' });
    await caller.speak(0);
    await shows(3 * SOON, 'media_bot_registered 1');
    const identity = await bringBot(service);
    await service.play('caller', { url: assets.urlOf('music'), loop: true });
    await caller.waitForTone(MUSIC, { within: SOON, from: identity, since: now() });
    expect(await botsIn(service)).to.deep.equal([identity]);
    await caller.leave();
    await service.close();
    await shows(SOON, 'media_bot_calls 0', 'media_bot_hosts{state="ready"} 2');
  });
});
