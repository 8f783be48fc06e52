import { once } from 'node:events';
import { RoomEvent, SimulateScenarioKind } from '@livekit/rtc-node';
import { expect } from 'chai';
import { filter, map, skip } from 'rxjs';
import { type AssetServer, startAssetServer } from '../../../demo/assetServer.js';
import { firstWithin } from '../../../demo/firstWithin.js';
import { now } from '../../../demo/participants/heardWindows.js';
import type { DemoParticipant } from '../../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { notHeard } from '../../support/notHeard.js';
import { openScene, type Scene, SOON } from '../../support/scene.js';
import { seenSoFar } from '../../support/seenSoFar.js';
import { openSignalProxy, type SignalProxy } from '../../support/signalProxy.js';
import type { RunningCall } from '../../support/startCall.js';
import { useLiveKitServer } from '../../support/useLiveKitServer.js';

const HOLD = 440;
/** The SDK tries for about 24 s to connect again before it gives up. */
const SDK_GIVES_UP = 45_000;
/** How often the SDK connects in one attempt to join, where it is refused. */
const CONNECTIONS = 4;

describe('a call: a connection that is lost for good', () => {
  const server = useLiveKitServer();
  let assets: AssetServer;
  let scene: Scene;
  let proxy: SignalProxy;
  let caller: DemoParticipant;
  let colleague: DemoParticipant;

  before(async () => {
    assets = await startAssetServer({
      hold: { body: await toneMp3([{ hz: HOLD, ms: 3_000 }]) },
    });
  });
  after(() => assets.close());
  beforeEach(async () => {
    scene = await openScene(server(), assets);
    proxy = await openSignalProxy(server().url);
    caller = await scene.join('caller');
    colleague = await scene.join('colleague');
  });
  afterEach(async () => {
    await scene.close();
    await proxy.close();
  });

  const startBot = async (env: Record<string, string> = {}) => {
    const bot = await scene.startBot({ url: proxy.url, env });
    const id = await scene.service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await caller.waitForTone(HOLD, { within: SOON });
    await scene.service.answer('caller', id, SOON, 'playing');
    return bot;
  };
  /** The server sends the bot away, and from that moment on it cannot reach it any more. */
  const loseServer = async (bot: RunningCall) => {
    const gone = once(bot.room(), RoomEvent.Disconnected).then(() => proxy.cut());
    const leave = bot.room().simulateScenario(SimulateScenarioKind.SIMULATE_SERVER_LEAVE);
    // The end of the room may overtake the answer to the call that brings it about.
    await Promise.all([gone, leave.catch(() => undefined)]);
  };
  const joinedAgain = ({ events }: RunningCall, within: number) =>
    firstWithin(
      events.pipe(
        filter((event) => event.type === 'joined'),
        skip(1),
      ),
      within,
      'the bot for a second time',
    );
  const refusedAttempts = (count: number) =>
    firstWithin(
      proxy.refusals.pipe(
        map((_, index) => index + 1),
        filter((refused) => refused === count * CONNECTIONS),
      ),
      SOON,
      `${count} attempts to join again`,
    );

  it('should join again under its identity, and go on playing to the target alone', async function () {
    this.timeout(2 * SDK_GIVES_UP);
    const bot = await startBot();
    const gone = once(bot.room(), RoomEvent.Disconnected);
    proxy.cut();
    await gone;
    proxy.restore();
    await joinedAgain(bot, SOON);
    await caller.waitForTone(HOLD, { within: SOON, since: now(), from: bot.identity });
    await notHeard(colleague, HOLD, 500, 0);
    expect(bot.endedJobs, 'jobs ended').to.deep.equal([]);
    await scene.service.answer('caller', await scene.service.stop('caller'), SOON, 'stopped');
  });

  it('should join again when the server sends it away', async () => {
    const bot = await startBot();
    await loseServer(bot);
    await caller.waitForSilence({ within: SOON });
    proxy.restore();
    await joinedAgain(bot, SOON);
    await caller.waitForTone(HOLD, { within: SOON, since: now() });
    await notHeard(colleague, HOLD, 500, 0);
    expect(bot.endedJobs, 'jobs ended').to.deep.equal([]);
  });

  it('should go on with what its own attributes asked of it', async () => {
    const bot = await startBot();
    const { rooms, room } = scene.service;
    const asked = { 'stt.enabled': 'true', 'stt.language': 'fr', 'stt.command_id': 'one' };
    await rooms.updateParticipant(room, bot.identity, { attributes: asked });
    const answered = (map: Readonly<Record<string, string>>) =>
      map['stt.status_command_id'] === 'one' && map['stt.status'] === 'running';
    await scene.service.attributes(bot.identity, answered, SOON);
    await loseServer(bot);
    proxy.restore();
    await joinedAgain(bot, SOON);
    expect(bot.room().localParticipant?.attributes).to.include(asked);
  });

  it('should end, and not open the room anew, where it was closed meanwhile', async () => {
    const bot = await startBot();
    await loseServer(bot);
    const { rooms, room } = scene.service;
    // Whoever missed its end would come back, and so open it anew.
    await Promise.all([caller.leave(), colleague.leave()]);
    await rooms.deleteRoom(room);
    proxy.restore();
    expect(await bot.ended(2 * SOON)).to.deep.equal({ type: 'ended', outcome: 'completed' });
    expect(bot.endedJobs).to.deep.equal(['completed']);
    expect(await rooms.listRooms([room])).to.deep.equal([]);
  });

  it('should end on shutdown rather than go on trying to join again', async () => {
    const bot = await startBot();
    await loseServer(bot);
    await refusedAttempts(2);
    bot.shutdown();
    await bot.ended(SOON);
    expect(bot.endedJobs).to.have.length(1);
  });

  it('should fail when its attempts to join again are used up', async () => {
    const bot = await startBot({ MEDIA_BOT_MAX_RETRY: '2' });
    await loseServer(bot);
    expect(await bot.ended(SOON)).to.deep.equal({ type: 'ended', outcome: 'failed' });
    expect(bot.endedJobs).to.deep.equal(['failed']);
    expect(seenSoFar(proxy.refusals), 'connections').to.have.length.above(CONNECTIONS);
    const released = (map: Readonly<Record<string, string>>) =>
      map['media.held'] === 'false' && map['media.error']?.startsWith('bot_gone') === true;
    await scene.service.attributes('caller', released, SOON);
    proxy.restore();
    await notHeard(caller, HOLD, 500);
  });

  it('should fail when the room cannot be joined at all', async () => {
    proxy.cut();
    const bot = scene.startBot({ url: proxy.url, env: { MEDIA_BOT_MAX_RETRY: '1' } });
    expect(await bot.catch(String)).to.match(/the bot joined/);
  });
});
