import { assert, expect } from 'chai';
import { filter, map } from 'rxjs';
import type { AssetServer } from '../../../demo/assetServer.js';
import { firstWithin } from '../../../demo/firstWithin.js';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { notHeard } from '../../support/notHeard.js';
import { type Scene, SOON } from '../../support/scene.js';
import { useScene } from '../../support/useScene.js';

const HOLD = 440;
const OTHER = 880;

describe('a call: commands', () => {
  const stage = useScene(async () => {
    const steps = [
      { hz: 500, ms: 600 },
      { hz: 700, ms: 1_500 },
      { hz: 1_100, ms: 4_000 },
    ];
    return {
      hold: { body: await toneMp3([{ hz: HOLD, ms: 3_000 }]) },
      other: { body: await toneMp3([{ hz: OTHER, ms: 3_000 }]) },
      steps: { body: await toneMp3(steps) },
      // Its first step does not come again while it is listened for.
      long: { body: await toneMp3([...steps.slice(0, 2), { hz: 1_100, ms: 10_000 }]) },
      slow: { body: await toneMp3([{ hz: OTHER, ms: 3_000 }]), delayMs: 20_000 },
    };
  });
  let scene: Scene;
  let assets: AssetServer;
  beforeEach(() => {
    scene = stage.scene();
    assets = stage.assets();
  });

  it('should play to the target alone, and fall silent on stop', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    const colleague = await scene.join('colleague', { kind: 'standard' });
    const bot = await scene.startBot();
    const id = await service.play('caller', { url: assets.urlOf('hold'), loop: true });
    const heard = await caller.waitForTone(HOLD, { within: SOON, from: bot.identity });
    expect(heard.trackName).to.equal('media');
    const playing = await service.answer('caller', id, SOON, 'playing');
    expect(playing).to.not.have.property('media.error');
    await notHeard(colleague, HOLD, 500, 0);

    const stop = await service.stop('caller');
    await service.answer('caller', stop, SOON, 'stopped');
    await caller.waitForSilence({ within: SOON, from: bot.identity });
  });

  it('should answer a stop where nothing plays', async () => {
    await scene.join('caller');
    await scene.startBot();
    const stop = await scene.service.stop('caller');
    await scene.service.answer('caller', stop, SOON, 'stopped');
  });

  it('should take a deleted command for a stop', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    await scene.startBot();
    const id = await service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await caller.waitForTone(HOLD, { within: SOON });
    await service.write('caller', { 'media.command': '' });
    await service.answer('caller', id, SOON, 'stopped');
    await caller.waitForSilence({ within: SOON });
  });

  it('should execute a command id once, however often its attributes are written', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    await scene.startBot();
    const request = { url: assets.urlOf('long'), loop: true, id: 'once' };
    await service.play('caller', request);
    const second = await caller.waitForTone(700, { within: SOON });
    await service.write('caller', { unrelated: 'change', 'media.loop': 'false' });
    await service.play('caller', request);
    await caller.waitForTone(1_100, { within: SOON, since: second.at });
    await notHeard(caller, 500, 1_000, second.at);
  });

  it('should start the same asset again under a new id', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    await scene.startBot();
    const request = { url: assets.urlOf('steps'), loop: true };
    await service.play('caller', request);
    const second = await caller.waitForTone(700, { within: SOON });
    const again = await service.play('caller', request);
    await caller.waitForTone(500, { within: SOON, since: second.at });
    await service.answer('caller', again, SOON, 'playing');
  });

  it('should compare commands without an id by what they ask for', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    const colleague = await scene.join('colleague');
    await scene.startBot();
    await service.write('caller', {
      'media.command': 'play',
      'media.asset_url': assets.urlOf('hold'),
      'media.loop': 'true',
    });
    await caller.waitForTone(HOLD, { within: SOON });
    await service.write('caller', { 'media.asset_url': assets.urlOf('other') });
    await caller.waitForTone(OTHER, { within: SOON });
    await colleague.waitForAttributes(
      'caller',
      (map) => map['media.status_command_id']?.startsWith('auto:') ?? false,
      SOON,
    );
  });

  it('should let the newest of play, stop and play in quick succession win', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    await scene.startBot();
    await service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await service.stop('caller');
    const newest = await service.play('caller', { url: assets.urlOf('other'), loop: true });
    await service.answer('caller', newest, SOON, 'playing');
    const heard = await caller.waitForTone(OTHER, { within: SOON });
    await notHeard(caller, HOLD, 500, heard.at);
  });

  it('should give up a fetch on stop, and never say that it plays', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    const colleague = await scene.join('colleague');
    await scene.startBot();
    const statuses: (string | undefined)[] = [];
    const seen = colleague.attributes
      .pipe(map(({ attributes }) => attributes['media.status']))
      .subscribe({
        next: (status) => statuses.push(status),
        error: (cause: unknown) => assert.fail(String(cause)),
      });
    await service.play('caller', { url: assets.urlOf('slow'), loop: true });
    const slow = assets.requests.pipe(filter(({ name }) => name === 'slow'));
    const { ended } = await firstWithin(slow, SOON, 'the request');
    const stop = await service.stop('caller');
    await service.answer('caller', stop, SOON, 'stopped');
    seen.unsubscribe();
    expect(await ended).to.equal('aborted');
    expect(statuses).to.not.include('playing');
    await notHeard(caller, OTHER, 300, 0);
  });

  it('should play different assets to two targets at once', async () => {
    const { service } = scene;
    const [one, two] = [await scene.join('one'), await scene.join('two')];
    await scene.startBot();
    await service.play('one', { url: assets.urlOf('hold'), loop: true });
    await service.play('two', { url: assets.urlOf('other'), loop: true });
    await one.waitForTone(HOLD, { within: SOON });
    await two.waitForTone(OTHER, { within: SOON });
    await Promise.all([notHeard(one, OTHER, 500, 0), notHeard(two, HOLD, 500, 0)]);
  });

  it('should end the playback of a target who leaves, and serve them when they are back', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    // The server tells of those who publish at once, of others seconds later.
    await caller.speak(0);
    const bot = await scene.startBot();
    const tracks = () => bot.room().localParticipant?.trackPublications.size;
    await service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await caller.waitForTone(HOLD, { within: SOON });
    await caller.leave();
    const back = await scene.join('caller');
    await notHeard(back, HOLD, 500, 0);
    await service.play('caller', { url: assets.urlOf('other'), loop: true });
    await back.waitForTone(OTHER, { within: SOON });
    expect(tracks(), "the bot's tracks").to.equal(1);
  });

  it('should obey a command that was set before the bot came', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    const id = await service.play('caller', { url: assets.urlOf('steps'), loop: true });
    await scene.startBot();
    await caller.waitForTone(500, { within: SOON });
    await service.answer('caller', id, SOON, 'playing');
  });

  it('should obey a command that comes with the token of somebody who joins', async () => {
    await scene.startBot();
    const caller = await scene.join('caller', {
      attributes: {
        'media.command': 'play',
        'media.asset_url': assets.urlOf('hold'),
        'media.loop': 'true',
        'media.command_id': 'from-the-token',
      },
    });
    await caller.waitForTone(HOLD, { within: SOON });
    await scene.service.answer('caller', 'from-the-token', SOON, 'playing');
  });
});
