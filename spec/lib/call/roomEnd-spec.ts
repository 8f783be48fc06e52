import { DisconnectReason } from '@livekit/rtc-node';
import { expect } from 'chai';
import type { AssetServer } from '../../../demo/assetServer.js';
import { now } from '../../../demo/participants/heardWindows.js';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { deleteRoomUntil } from '../../support/deleteRoomUntil.js';
import { type Scene, SOON } from '../../support/scene.js';
import { useScene } from '../../support/useScene.js';

const HOLD = 440;
const BUSY = 880;
const LAST = 1_200;

describe('a call: the end of the room', () => {
  const stage = useScene(async () => {
    const busy = [
      { hz: BUSY, ms: 700 },
      { hz: LAST, ms: 300 },
    ];
    return {
      hold: { body: await toneMp3([{ hz: HOLD, ms: 3_000 }]) },
      busy: { body: await toneMp3(busy) },
      // Long enough for a busy machine to do something meanwhile.
      long: { body: await toneMp3([{ hz: BUSY, ms: 3_300 }, ...busy]) },
      page: { body: Buffer.from('<html>not an MP3</html>') },
    };
  });
  let scene: Scene;
  let assets: AssetServer;
  beforeEach(() => {
    scene = stage.scene();
    assets = stage.assets();
  });

  it('should close the room after the last sample of a single shot has been heard', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    const bot = await scene.startBot();
    const closed = service.roomClosed(SOON);
    const id = await service.play('caller', { url: assets.urlOf('long') });
    const { at } = await caller.waitForTone(BUSY, { within: SOON });
    const last = await caller.waitForTone(LAST, { within: SOON, since: at });
    const ended = await service.answer('caller', id, SOON, 'ended');
    expect(ended).to.not.have.property('media.error');
    expect(await closed).to.equal(DisconnectReason.ROOM_DELETED);
    expect(now() - last.at, 'ms from the last tone to the end').to.be.above(300);
    expect(await bot.ended(SOON)).to.include({ outcome: 'completed' });
    expect(bot.endedJobs).to.deep.equal(['completed']);
  });

  it('should keep the room where on_end says so', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    await scene.startBot();
    const id = await service.play('caller', { url: assets.urlOf('busy'), onEnd: 'keep' });
    const ended = await service.answer('caller', id, SOON, 'ended');
    expect(ended['media.error']).to.equal('room_kept: media.on_end is keep');
    await service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await caller.waitForTone(HOLD, { within: SOON });
  });

  it('should keep the room while another human is played to', async () => {
    const { service } = scene;
    await scene.join('caller');
    const colleague = await scene.join('colleague');
    await scene.startBot();
    await service.play('colleague', { url: assets.urlOf('hold'), loop: true });
    await colleague.waitForTone(HOLD, { within: SOON });
    const id = await service.play('caller', { url: assets.urlOf('busy') });
    const ended = await service.answer('caller', id, SOON, 'ended');
    expect(ended['media.error']).to.match(/^room_kept: another participant/);
    await colleague.waitForTone(HOLD, { within: SOON });
  });

  it('should close the room whatever they say of themselves who may write their own attributes', async () => {
    const { service } = scene;
    await scene.join('caller');
    const colleague = await scene.join('colleague', {
      kind: 'standard',
      canUpdateOwnMetadata: true,
    });
    await scene.startBot();
    const closed = service.roomClosed(SOON);
    const claims = {
      'media.held': 'true',
      'media.status': 'playing',
      'media.status_command_id': 'mine',
    };
    await colleague.room.localParticipant!.setAttributes(claims);
    await service.attributes('colleague', (map) => map['media.held'] === 'true', SOON);
    const id = await service.play('caller', { url: assets.urlOf('busy') });
    const ended = await service.answer('caller', id, SOON, 'ended');
    expect(ended).to.not.have.property('media.error');
    expect(await closed).to.equal(DisconnectReason.ROOM_DELETED);
  });

  it('should close the room when the last of two single shots has drained', async () => {
    const { service } = scene;
    await scene.join('caller');
    const colleague = await scene.join('colleague');
    await scene.startBot();
    const closed = service.roomClosed(SOON);
    await service.play('caller', { url: assets.urlOf('busy') });
    await colleague.waitForAttributes('caller', (map) => map['media.status'] === 'playing', SOON);
    const second = await service.play('colleague', { url: assets.urlOf('busy') });
    await service.answer('colleague', second, SOON, 'ended');
    await closed;
  });

  it('should not close the room for a single shot that was stopped, replaced or failed', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    await scene.startBot();
    const once = { url: assets.urlOf('long') };
    await service.play('caller', once);
    await caller.waitForTone(BUSY, { within: SOON });
    await service.answer('caller', await service.stop('caller'), SOON, 'stopped');

    await service.play('caller', once);
    await caller.waitForTone(BUSY, { within: SOON });
    await service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await caller.waitForTone(HOLD, { within: SOON });

    const bad = await service.play('caller', { url: assets.urlOf('page') });
    await service.answer('caller', bad, SOON, 'failed');
    const shortOfOnce = service.roomClosed(6_000).catch(() => 'still open');
    expect(await shortOfOnce).to.equal('still open');
  });

  it('should not close the room once a newer command is set, even one it refuses', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    await scene.startBot();
    await service.play('caller', { url: assets.urlOf('long') });
    const { at } = await caller.waitForTone(BUSY, { within: SOON });
    await service.write('caller', { 'media.command': 'sing', 'media.command_id': 'newer' });
    const refused = await service.answer('caller', 'newer', SOON, 'failed');
    await caller.waitForTone(LAST, { within: SOON, since: at });
    const closed = service.roomClosed(2_000).catch(() => 'still open');
    expect(await closed).to.equal('still open');
    const after = await service.answer('caller', 'newer', SOON);
    expect(after['media.error']).to.equal(refused['media.error']);
  });

  it('should end with a room that somebody else closes, and tell LiveKit so', async () => {
    await scene.join('caller');
    const bot = await scene.startBot();
    const ended = bot.ended(SOON);
    await deleteRoomUntil(ended, scene.service);
    expect(await ended).to.deep.equal({ type: 'ended', outcome: 'completed' });
    expect(bot.endedJobs).to.deep.equal(['completed']);
  });

  it('should leave a room that it has opened itself, for that of its job was closed before', async () => {
    const { service } = scene;
    const [closed] = await service.rooms.listRooms([service.room]);
    await service.rooms.deleteRoom(service.room);
    const bot = await scene.startBot({ roomSid: closed!.sid });
    expect(await bot.ended(SOON)).to.deep.equal({ type: 'ended', outcome: 'completed' });
    expect(bot.endedJobs).to.deep.equal(['completed']);
  });

  it('should stay in a room of the same name in which somebody is', async () => {
    const caller = await scene.join('caller');
    const bot = await scene.startBot({ roomSid: 'RM_another' });
    await scene.service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await caller.waitForTone(HOLD, { within: SOON, from: bot.identity });
    expect(bot.endedJobs).to.deep.equal([]);
  });

  it('should end when it is removed from the room', async () => {
    await scene.join('caller');
    const bot = await scene.startBot();
    await scene.service.rooms.removeParticipant(scene.service.room, bot.identity);
    expect(await bot.ended(SOON)).to.include({ outcome: 'completed' });
  });

  it('should release its people on shutdown: they are told, and the room stays', async () => {
    const { service } = scene;
    const caller = await scene.join('caller');
    const colleague = await scene.join('colleague');
    const bot = await scene.startBot();
    const id = await service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await caller.waitForTone(HOLD, { within: SOON });
    bot.shutdown();
    const answer = await service.answer('caller', id, SOON, 'failed');
    expect(answer['media.error']).to.match(/^bot_gone: /);
    expect(answer).to.include({ 'media.held': 'false' });
    expect(await bot.ended(SOON)).to.include({ outcome: 'completed' });
    expect(bot.endedJobs).to.deep.equal(['completed']);
    expect([...colleague.room.remoteParticipants.keys()]).to.include('caller');
  });
});
