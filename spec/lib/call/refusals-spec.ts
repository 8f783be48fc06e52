import { expect } from 'chai';
import type { AssetServer } from '../../../demo/assetServer.js';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { notHeard } from '../../support/notHeard.js';
import { type Scene, SOON } from '../../support/scene.js';
import { useScene } from '../../support/useScene.js';

const HOLD = 440;

describe('a call: refusals and failures', () => {
  const stage = useScene(async () => {
    const body = await toneMp3([{ hz: HOLD, ms: 3_000 }]);
    return {
      hold: { body },
      page: { body: Buffer.from('<html>not an MP3</html>') },
      empty: { body: Buffer.alloc(0) },
      broken: { body, status: 500 },
      large: { body: Buffer.alloc(200_000, 0xff) },
    };
  });
  let scene: Scene;
  let assets: AssetServer;
  beforeEach(() => {
    scene = stage.scene();
    assets = stage.assets();
  });

  /** The music that a refused command must not disturb. */
  const startMusic = async () => {
    const caller = await scene.join('caller');
    await scene.service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await caller.waitForTone(HOLD, { within: SOON });
    return caller;
  };

  const nonsense: Record<string, Record<string, string>> = {
    'an unknown verb': { 'media.command': 'sing' },
    'a missing address': { 'media.asset_url': '' },
    'a loop that is neither true nor false': { 'media.loop': 'yes' },
    'an unknown end': { 'media.on_end': 'explode' },
  };
  for (const [what, attributes] of Object.entries(nonsense)) {
    it(`should refuse ${what}, and go on playing`, async () => {
      await scene.startBot();
      const caller = await startMusic();
      await scene.service.write('caller', { ...attributes, 'media.command_id': 'bad' });
      const answer = await scene.service.answer('caller', 'bad', SOON);
      expect(answer).to.include({ 'media.status': 'failed' });
      expect(answer['media.error']).to.match(/^invalid_command: ./);
      await caller.waitForTone(HOLD, { within: SOON });
    });
  }

  it('should refuse a command id that is too long', async () => {
    const caller = await scene.join('caller');
    await scene.startBot();
    const id = 'x'.repeat(129);
    await scene.service.play('caller', { url: assets.urlOf('hold'), loop: true, id });
    const answer = await scene.service.answer('caller', id.slice(0, 128), SOON);
    expect(answer['media.error']).to.match(/^invalid_command: /);
    await notHeard(caller, HOLD, 300, 0);
  });

  it('should refuse commands on whoever has no ears', async () => {
    await scene.join('atlas', { kind: 'agent' });
    await scene.startBot();
    const id = await scene.service.play('atlas', { url: assets.urlOf('hold') });
    const answer = await scene.service.answer('atlas', id, SOON);
    expect(answer).to.include({ 'media.status': 'failed' });
    expect(answer['media.error']).to.match(/^invalid_command: .*AGENT/);
  });

  it('should refuse the commands of a target that may command itself', async () => {
    const caller = await scene.join('caller', { kind: 'standard', canUpdateOwnMetadata: true });
    await scene.startBot();
    await caller.room.localParticipant!.setAttributes({
      'media.command': 'play',
      'media.asset_url': assets.urlOf('hold'),
      'media.command_id': 'mine',
    });
    const answer = await scene.service.answer('caller', 'mine', SOON);
    expect(answer).to.include({ 'media.status': 'failed' });
    expect(answer['media.error']).to.match(/^forbidden: ./);
    await notHeard(caller, HOLD, 300, 0);
  });

  it('should obey such a target where the settings say so', async () => {
    const caller = await scene.join('caller', { kind: 'standard', canUpdateOwnMetadata: true });
    await scene.startBot({ env: { MEDIA_BOT_ALLOW_SELF_COMMANDS: 'true' } });
    await scene.service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await caller.waitForTone(HOLD, { within: SOON });
  });

  const unplayable = {
    missing: 'asset_unreachable',
    broken: 'asset_unreachable',
    page: 'asset_undecodable',
    empty: 'asset_undecodable',
    large: 'asset_too_large',
  };
  for (const [name, code] of Object.entries(unplayable)) {
    it(`should answer ${code} for an asset that is ${name}, and serve the next command`, async () => {
      const caller = await scene.join('caller');
      await scene.startBot({ env: { MEDIA_BOT_ASSET_MAX_BYTES: '100000' } });
      const id = await scene.service.play('caller', { url: assets.urlOf(name) });
      const answer = await scene.service.answer('caller', id, SOON);
      expect(answer).to.include({ 'media.status': 'failed' });
      expect(answer['media.error']).to.match(new RegExp(`^${code}: .`));
      await scene.service.play('caller', { url: assets.urlOf('hold'), loop: true });
      await caller.waitForTone(HOLD, { within: SOON });
    });
  }

  for (const url of ['http://127.0.0.1:9/a.mp3', 'file:///etc/passwd', 'not an address']) {
    it(`should answer asset_refused for ${url}`, async () => {
      await scene.join('caller');
      await scene.startBot();
      const id = await scene.service.play('caller', { url });
      const answer = await scene.service.answer('caller', id, SOON);
      expect(answer['media.error']).to.match(/^asset_refused: ./);
    });
  }

  it('should silence the old asset when the new one cannot be had', async () => {
    await scene.startBot();
    const caller = await startMusic();
    const id = await scene.service.play('caller', { url: assets.urlOf('page'), loop: false });
    await scene.service.answer('caller', id, SOON, 'failed');
    await caller.waitForSilence({ within: SOON });
  });

  it('should let a target on hold hear the hold tone where the music cannot be had', async () => {
    const caller = await scene.join('caller');
    const bot = await scene.startBot();
    const id = await scene.service.play('caller', { url: assets.urlOf('page'), loop: true });
    const answer = await scene.service.answer('caller', id, SOON, 'failed');
    expect(answer['media.error']).to.match(/^asset_undecodable: ./);
    // Two tones at once: each has about half of the energy.
    const first = await caller.waitForTone(660, { within: SOON, from: bot.identity }, 0.3);
    await caller.waitForTone(880, { within: SOON, since: first.at - 100 }, 0.3);
    await caller.waitForTone(660, { within: SOON, since: first.at + 2_000 }, 0.3);

    await scene.service.answer('caller', await scene.service.stop('caller'), SOON, 'stopped');
    await caller.waitForSilence({ within: SOON, quietMs: 4_000 });
  });
});
