import { expect } from 'chai';
import { AccessToken } from 'livekit-server-sdk';
import type { AssetServer } from '../../../demo/assetServer.js';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { notHeard } from '../../support/notHeard.js';
import { type Scene, SOON } from '../../support/scene.js';
import { useScene } from '../../support/useScene.js';

const FIRST = 500;
const REST = 800;

describe('a call: what a fresh bot makes of what it finds', () => {
  const stage = useScene(async () => {
    const steps = [
      { hz: FIRST, ms: 600 },
      { hz: REST, ms: 900 },
    ];
    return {
      steps: { body: await toneMp3(steps) },
      // After a second the bot plays to those who do not hear it yet, too.
      long: {
        body: await toneMp3([
          { hz: FIRST, ms: 4_000 },
          { hz: REST, ms: 900 },
        ]),
      },
      page: { body: Buffer.from('<html>not an MP3</html>') },
    };
  });
  let scene: Scene;
  let assets: AssetServer;
  beforeEach(() => {
    scene = stage.scene();
    assets = stage.assets();
  });

  /** A target with a command, and the answer that an earlier bot gave to it. */
  const find = async (command: { loop: boolean; asset?: string }, status: string) => {
    const caller = await scene.join('caller');
    const { loop, asset = 'steps' } = command;
    await scene.service.play('caller', { url: assets.urlOf(asset), loop, id: 'before' });
    await scene.service.write('caller', {
      'media.status': status,
      'media.status_command_id': 'before',
    });
    return caller;
  };
  const stillOpen = async (during: number) => {
    const closed = await scene.service.roomClosed(during).catch(() => 'still open');
    expect(closed).to.equal('still open');
  };

  it('should resume hold music', async () => {
    const caller = await find({ loop: true }, 'playing');
    await scene.startBot();
    await caller.waitForTone(FIRST, { within: SOON });
    const rest = await caller.waitForTone(REST, { within: SOON });
    await caller.waitForTone(FIRST, { within: SOON, since: rest.at });
  });

  it('should play a single shot from its start, and close the room after it', async () => {
    const caller = await find({ loop: false, asset: 'long' }, 'playing');
    const closed = scene.service.roomClosed(SOON);
    await scene.startBot();
    await caller.waitForTone(FIRST, { within: SOON });
    await caller.waitForTone(REST, { within: SOON });
    await closed;
  });

  it('should close the room for a single shot that has ended, without playing it again', async () => {
    const caller = await find({ loop: false }, 'ended');
    const closed = scene.service.roomClosed(SOON);
    await scene.startBot();
    await closed;
    await notHeard(caller, FIRST, 100, 0);
  });

  it('should leave the room open where somebody else is held, for a single shot that has ended', async () => {
    await find({ loop: false }, 'ended');
    const colleague = await scene.join('colleague');
    await scene.service.play('colleague', { url: assets.urlOf('steps'), loop: true });
    await scene.startBot();
    await colleague.waitForTone(FIRST, { within: SOON });
    await stillOpen(1_000);
  });

  it('should do nothing about what was stopped', async () => {
    const caller = await find({ loop: true }, 'stopped');
    await scene.startBot();
    await notHeard(caller, FIRST, 500, 0);
  });

  it('should give failed hold music one new try', async () => {
    const caller = await find({ loop: true }, 'failed');
    await scene.startBot();
    await caller.waitForTone(FIRST, { within: SOON });
    await scene.service.answer('caller', 'before', SOON, 'playing');
  });

  it('should not try a failed single shot again, nor close the room for it', async () => {
    const caller = await find({ loop: false }, 'failed');
    await scene.startBot();
    await stillOpen(1_500);
    await notHeard(caller, FIRST, 100, 0);
  });

  it('should stop what is no longer asked for', async () => {
    await find({ loop: true }, 'playing');
    await scene.service.write('caller', { 'media.command': '' });
    await scene.startBot();
    await scene.service.answer('caller', 'before', SOON, 'stopped');
  });

  it('should execute a command that the earlier bot did not see', async () => {
    const caller = await find({ loop: true }, 'stopped');
    const id = await scene.service.play('caller', { url: assets.urlOf('steps'), loop: true });
    await scene.startBot();
    await caller.waitForTone(FIRST, { within: SOON });
    await scene.service.answer('caller', id, SOON, 'playing');
  });

  it('should take over from a bot that vanished in mid-play', async () => {
    const caller = await scene.join('caller');
    const bot = await scene.startBot();
    await scene.service.play('caller', { url: assets.urlOf('steps'), loop: true });
    await caller.waitForTone(REST, { within: SOON, from: bot.identity });
    bot.vanish();
    await caller.waitForSilence({ within: SOON, from: bot.identity });
    const successor = await scene.startBot();
    await caller.waitForTone(FIRST, { within: SOON, from: successor.identity });
  });

  it('should take over in minute 61, when the token of the job has expired', async () => {
    const caller = await scene.join('caller');
    const identity = 'media-bot-of-an-hour-ago';
    const bot = await scene.startBot({ identity });
    await scene.service.play('caller', { url: assets.urlOf('steps'), loop: true });
    await caller.waitForTone(REST, { within: SOON, from: identity });
    const attributes = { ...bot.room().localParticipant!.attributes };
    const successor = await scene.startBot({ identity, attributes, token: await expiredToken() });
    await caller.waitForTone(FIRST, { within: SOON, from: identity });
    const people = await scene.service.rooms.listParticipants(scene.service.room);
    const { participantSid } = (await successor.joined(SOON)) as { participantSid: string };
    const bots = people.filter((person) => person.identity.startsWith('media-bot-'));
    expect(bots.map(({ sid }) => sid)).to.deep.equal([participantSid]);
    expect(bot.endedJobs, 'jobs ended').to.deep.equal([]);
  });

  it('should take over with those first who hear something, and forget nobody else', async () => {
    const [caller, colleague] = [await scene.join('caller'), await scene.join('colleague')];
    await scene.service.play('caller', { url: assets.urlOf('steps'), loop: true });
    const identity = 'media-bot-of-two';
    await scene.startBot({ identity, attributes: {} });
    await caller.waitForTone(REST, { within: SOON, from: identity });
    await scene.service.play('colleague', { url: assets.urlOf('long'), onEnd: 'keep' });
    await colleague.waitForTone(FIRST, { within: SOON, from: identity });
    const tracksFor = [...caller.room.remoteParticipants.get(identity)!.trackPublications];
    expect(tracksFor).to.have.length(2);
  });

  const expiredToken = () => {
    const { apiKey, apiSecret } = stage.server();
    const token = new AccessToken(apiKey, apiSecret, { identity: 'nobody', ttl: -3_600 });
    token.addGrant({ room: scene.service.room, roomJoin: true, agent: true });
    return token.toJwt();
  };
});
