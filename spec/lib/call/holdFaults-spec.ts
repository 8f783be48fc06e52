import { expect } from 'chai';
import { now } from '../../../demo/participants/heardWindows.js';
import type { DemoParticipant } from '../../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { type ApiFault, type ApiProxy, startApiProxy } from '../../support/apiProxy.js';
import { notHeard } from '../../support/notHeard.js';
import { type Scene, SOON } from '../../support/scene.js';
import { useScene } from '../../support/useScene.js';

const MUSIC = 1_500;
const AGENT = 440;
const OUTAGE = 10_000;
/** From the return of the server API to a hold that stands: the contract of an outage. */
const RESTORED = 1_000;
/** What is on its way then is still heard. */
const ON_ITS_WAY = 300;
const FAULTS: readonly ApiFault[] = ['error', 'hang', 'reset'];

describe('a call: hold, where the server API fails', () => {
  const stage = useScene(async () => ({
    music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) },
  }));
  let scene: Scene;
  let proxy: ApiProxy;
  let caller: DemoParticipant;
  beforeEach(async () => {
    scene = stage.scene();
    proxy = await startApiProxy(stage.server().url);
    caller = await scene.join('caller');
    await caller.speak(0);
    const agent = await scene.join('agent', { kind: 'agent' });
    await agent.speak(AGENT);
    await caller.waitForTone(AGENT, { within: SOON });
    await scene.startBot({ url: stage.server().url, env: { LIVEKIT_URL: proxy.url } });
  });
  afterEach(() => proxy.close());

  const hold = () =>
    scene.service.play('caller', { url: stage.assets().urlOf('music'), loop: true });
  const held = (value: string) =>
    scene.service.attributes('caller', (map) => map['media.held'] === value, SOON);
  const hears = (hz: number) => caller.waitForTone(hz, { within: SOON, since: now() });
  const permission = async () => {
    const { rooms, room } = scene.service;
    return (await rooms.getParticipant(room, 'caller')).permission!;
  };

  for (const fault of FAULTS) {
    it(`should keep a hold that stands through 10 s of ${fault}`, async () => {
      await hold();
      await held('true');
      proxy.fail(fault);
      await notHeard(caller, AGENT, OUTAGE, now() + ON_ITS_WAY);
      await hears(MUSIC);
      proxy.fail(undefined);
      await scene.service.stop('caller');
      await hears(AGENT);
      await held('false');
    });

    it(`should play, and hold once the API is back, where there is ${fault} at its start`, async () => {
      proxy.fail(fault);
      await hold();
      await hears(MUSIC);
      await hears(AGENT);
      const attempts = proxy.asked.filter((method) => method === 'UpdateSubscriptions').length;
      expect(attempts, 'attempts').to.be.above(0);
      const { attributes } = await scene.service.rooms.getParticipant(scene.service.room, 'caller');
      expect(attributes['media.held']).to.not.equal('true');
      proxy.fail(undefined);
      await notHeard(caller, AGENT, OUTAGE / 2, now() + RESTORED + ON_ITS_WAY);
      await held('true');
      await hears(MUSIC);
    });
  }

  it('should not hammer the API while it fails', async () => {
    proxy.fail('error');
    await hold();
    await hears(MUSIC);
    const before = proxy.asked.length;
    await notHeard(caller, MUSIC + 400, 5_000);
    // One held listener: between two attempts, of two requests, is a quarter to half a second, as
    // chance has it; answers are written besides.
    expect(proxy.asked.length - before, 'requests in 5 s').to.be.within(5, 60);
  });

  it('should silence the target where subscriptions alone cannot be changed', async () => {
    const before = await permission();
    proxy.fail('error', 'UpdateSubscriptions');
    await hold();
    const told = await scene.service.attributes(
      'caller',
      (map) => map['media.error']?.startsWith('isolation_failed') === true,
      SOON,
    );
    expect(told['media.status']).to.equal('playing');
    await caller.waitForSilence({ within: SOON });
    expect(await permission()).to.deep.equal(
      Object.assign(before.clone(), { canSubscribe: false }),
    );
    await held('true');

    proxy.fail(undefined);
    await scene.service.stop('caller');
    await hears(AGENT);
    expect(await permission()).to.deep.equal(before);
    await held('false');
  });

  it('should give everything back for an earlier bot that had to silence the target', async () => {
    proxy.fail('error', 'UpdateSubscriptions');
    await hold();
    await scene.service.attributes('caller', (map) => map['media.error'] !== undefined, SOON);
    await held('true');
    scene.vanishBots();
    await scene.service.stop('caller');
    await scene.startBot();
    await hears(AGENT);
    expect((await permission()).canSubscribe).to.equal(true);
  });
});
