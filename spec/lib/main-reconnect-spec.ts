import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { AgentDispatchClient } from 'livekit-server-sdk';
import { exhaustMap, filter, interval } from 'rxjs';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { type CallService, openCall } from '../../demo/callService.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { now } from '../../demo/participants/heardWindows.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { notHeard } from '../support/notHeard.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const HOLD = 440;
const SOON = 20_000;
/** LiveKit removes the participant of a dispatch that is deleted about 3 s later. */
const REMOVAL = 5_000;

describe('a worker whose call reconnects', function () {
  this.timeout(4 * SOON);
  const server = useLiveKitServer();
  let assets: AssetServer;
  let bot: BotProcess;
  let service: CallService;
  let caller: DemoParticipant;
  let colleague: DemoParticipant;
  let dispatchId: string;
  let identity: string;

  before(async () => {
    assets = await startAssetServer({ hold: { body: await toneMp3([{ hz: HOLD, ms: 3_000 }]) } });
    const preloaded = new URL('../support/breakOnSignal.ts', import.meta.url);
    bot = await startBot(server(), {
      env: {
        LOG_LEVEL: 'DEBUG',
        MEDIA_BOT_ASSET_ORIGINS: assets.origin,
        MEDIA_BOT_LOAD_THRESHOLD: '1',
        MEDIA_BOT_NUM_IDLE_PROCESSES: '1',
        NODE_OPTIONS: `--import tsx --import ${preloaded.href}`,
      },
    });
  });
  beforeEach(async () => {
    const room = `reconnecting-${randomUUID()}`;
    service = await openCall(server(), { room, dispatch: false });
    caller = await joinRoom(server(), { room, identity: 'caller', kind: 'sip' });
    colleague = await joinRoom(server(), { room, identity: 'colleague', kind: 'sip' });
    dispatchId = await service.dispatchBot();
    identity = await service.botJoined(SOON);
    await service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await caller.waitForTone(HOLD, { within: SOON, from: identity });
  });
  afterEach(async () => {
    await Promise.all([caller.leave(), colleague.leave()]);
    await service.close();
  });
  after(async () => {
    await bot.stop();
    await assets.close();
  });

  const dispatches = () => {
    const { url, apiKey, apiSecret } = server();
    return new AgentDispatchClient(url.replace('ws', 'http'), apiKey, apiSecret);
  };
  /** The server connects a job with its participant seconds after both exist, and tells nobody. */
  const jobKnown = () =>
    firstWithin(
      interval(100).pipe(
        exhaustMap(() => dispatches().getDispatch(dispatchId, service.room)),
        filter((dispatch) => dispatch?.state?.jobs.length === 1),
      ),
      SOON,
      'the job in its dispatch',
    );

  it('should not obey the termination that LiveKit sends for the replaced session', async () => {
    const host = await bot.waitForLog(({ message }) => message === 'call host ready', SOON);
    await jobKnown();
    process.kill(Number(host.pid), 'SIGUSR2');
    await bot.waitForLog(({ message }) => message === 'job termination ignored', SOON);
    const terminated = now();
    await caller.waitForTone(HOLD, { within: SOON, from: identity, since: terminated });
    await notHeard(colleague, HOLD, REMOVAL, 0);
    await caller.waitForTone(HOLD, { within: SOON, from: identity, since: terminated + REMOVAL });
    expect([...colleague.room.remoteParticipants.keys()]).to.include(identity);
  });

  it('should still end with a dispatch that is really deleted', async () => {
    await jobKnown();
    await dispatches().deleteDispatch(dispatchId, service.room);
    const ended = await bot.waitForLog(
      ({ message, room }) => message === 'call ended' && room === service.room,
      SOON,
    );
    expect(ended).to.include({ outcome: 'completed' });
    await caller.waitForSilence({ within: SOON, from: identity });
  });
});
