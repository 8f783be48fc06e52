import { once } from 'node:events';
import { SimulateScenarioKind } from '@livekit/rtc-node';
import { assert, expect } from 'chai';
import { AccessToken } from 'livekit-server-sdk';
import { exhaustMap, filter, interval, map, skip } from 'rxjs';
import type { AssetServer } from '../../../demo/assetServer.js';
import { firstWithin } from '../../../demo/firstWithin.js';
import { now } from '../../../demo/participants/heardWindows.js';
import type { DemoParticipant } from '../../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { notHeard } from '../../support/notHeard.js';
import { openOvertakenSignal, type Said } from '../../support/overtakenSignal.js';
import { type Scene, SOON } from '../../support/scene.js';
import { useScene } from '../../support/useScene.js';

const HOLD = 440;
/** Seconds for which the server takes a token that has expired. */
const SERVER_LEEWAY = 60;
/** Seconds in which the bot joins. */
const TOKEN_LIFE = 5;

describe('a call: lost connections', () => {
  const stage = useScene(async () => ({
    hold: { body: await toneMp3([{ hz: HOLD, ms: 3_000 }]) },
  }));
  let scene: Scene;
  let assets: AssetServer;
  let caller: DemoParticipant;
  let colleague: DemoParticipant;
  beforeEach(async () => {
    scene = stage.scene();
    assets = stage.assets();
    caller = await scene.join('caller');
    colleague = await scene.join('colleague');
  });

  const startMusic = async () => {
    const id = await scene.service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await caller.waitForTone(HOLD, { within: SOON });
    return id;
  };
  const statusesOf = (identity: string) => {
    const statuses: (string | undefined)[] = [];
    colleague.attributes
      .pipe(
        filter((change) => change.identity === identity),
        map(({ attributes }) => attributes['media.status']),
      )
      .subscribe({
        next: (status) => statuses.push(status),
        error: (cause: unknown) => assert.fail(String(cause)),
      });
    return statuses;
  };

  for (const kind of ['SIMULATE_SIGNAL_RECONNECT', 'SIMULATE_FULL_RECONNECT'] as const) {
    it(`should go on playing, to the target alone, after ${kind}`, async () => {
      const bot = await scene.startBot();
      const id = await startMusic();
      const isAnswered = (map: Readonly<Record<string, string>>) =>
        map['media.status_command_id'] === id && map['media.held'] === 'true';
      await colleague.waitForAttributes('caller', isAnswered, SOON);
      const statuses = statusesOf('caller');
      const reconnected = once(bot.room(), 'reconnected');
      await bot.room().simulateScenario(SimulateScenarioKind[kind]);
      await reconnected;
      await caller.waitForTone(HOLD, { within: SOON, since: now() });
      await notHeard(colleague, HOLD, 1_000, 0);
      expect(statuses, 'answers after the one that is there').to.deep.equal([]);

      await scene.service.answer('caller', await scene.service.stop('caller'), SOON, 'stopped');
      await caller.waitForSilence({ within: SOON });
    });
  }

  it('should obey a command that is set while it is away', async () => {
    const bot = await scene.startBot();
    await startMusic();
    const reconnected = once(bot.room(), 'reconnected');
    await bot.room().simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    const stop = await scene.service.stop('caller');
    await reconnected;
    await scene.service.answer('caller', stop, SOON, 'stopped');
    await caller.waitForSilence({ within: SOON });
  });

  it('should serve somebody who joins while it is away', async () => {
    const bot = await scene.startBot();
    await scene.service.answer('caller', await startMusic(), SOON, 'playing');
    const reconnected = once(bot.room(), 'reconnected');
    await bot.room().simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    const late = await scene.join('late');
    await reconnected;
    await scene.service.play('late', { url: assets.urlOf('hold'), loop: true });
    await late.waitForTone(HOLD, { within: SOON });
  });

  it('should join anew when the connection breaks while a track is being published', async () => {
    const wire = await openOvertakenSignal(stage.server().url, () => false);
    const isPublication = ({ case: kind }: Said) => kind === 'addTrack';
    const begun = firstWithin(wire.said.pipe(filter(isPublication)), SOON, 'a publication');
    const bot = await scene.startBot({ url: wire.url });
    await begun;
    await bot.room().simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    const again = bot.events.pipe(
      filter(({ type }) => type === 'joined'),
      skip(1),
    );
    await firstWithin(again, SOON, 'the bot for a second time');
    await startMusic();
    await scene.service.play('colleague', { url: assets.urlOf('hold'), loop: true });
    await colleague.waitForTone(HOLD, { within: SOON });
    expect(bot.endedJobs, 'jobs ended').to.deep.equal([]);
    await wire.close();
  });

  it('should come back although the token of its job has expired', async function () {
    this.timeout(6 * SOON);
    const token = new AccessToken(stage.server().apiKey, stage.server().apiSecret, {
      identity: 'media-bot-expired',
      ttl: TOKEN_LIFE - SERVER_LEEWAY,
    });
    token.kind = 'agent';
    token.addGrant({ room: scene.service.room, roomJoin: true, agent: true });
    const jwt = await token.toJwt();
    const bot = await scene.startBot({ token: jwt, identity: 'media-bot-expired' });
    await startMusic();
    await expiry(jwt);
    await bot.room().simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    await caller.waitForTone(HOLD, { within: 3 * SOON, since: now() + 1_000 });
    await notHeard(colleague, HOLD, 500, 0);
    expect(bot.endedJobs, 'jobs ended').to.deep.equal([]);
  });

  /** Resolves when the server accepts a token no more. */
  const expiry = (jwt: string) =>
    firstWithin(
      interval(500).pipe(
        exhaustMap(() =>
          fetch(`${stage.server().url.replace('ws', 'http')}/rtc/validate?access_token=${jwt}`),
        ),
        filter(({ status }) => status === 401),
      ),
      3 * SOON,
      'the end of a token',
    );
});
