import '../../demo/participants/quietRtcNode.js';

import { DisconnectReason, ParticipantKind } from '@livekit/rtc-node';
import { expect } from 'chai';

import { type CallService, openCall } from '../../demo/callService.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { deleteRoomUntil } from '../support/deleteRoomUntil.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const WITHIN = 30_000;

describe('openCall', function () {
  this.timeout(60_000);
  const server = useLiveKitServer();
  let room: string;
  let call: CallService;
  let alice: DemoParticipant;

  beforeEach(async () => {
    room = `room-${Math.random()}`;
    call = await openCall(server(), { room, dispatch: false });
    alice = await joinRoom(server(), { room, identity: 'alice', kind: 'sip' });
  });
  afterEach(async () => {
    await alice.leave();
    await call.close();
  });

  const attributes = async () => (await call.rooms.getParticipant(room, 'alice')).attributes;

  it('should write a play command whole, over what an earlier one left behind', async () => {
    await call.play('alice', { url: 'http://127.0.0.1/a.mp3', loop: true, onEnd: 'keep' });
    const id = await call.play('alice', { url: 'http://127.0.0.1/b.mp3' });
    expect(await attributes()).to.deep.equal({
      'media.command': 'play',
      'media.asset_url': 'http://127.0.0.1/b.mp3',
      'media.loop': 'false',
      'media.command_id': id,
    });
  });

  it('should write a stop command under an id of its own', async () => {
    const played = await call.play('alice', { url: 'http://127.0.0.1/a.mp3' });
    const stopped = await call.stop('alice');
    expect(stopped).not.to.equal(played);
    expect(await attributes()).to.include({ 'media.command': 'stop', 'media.command_id': stopped });
  });

  it('should resolve with the answer to this command, in the status asked for', async () => {
    const write = (status: string, id: string) =>
      call.write('alice', { 'media.status': status, 'media.status_command_id': id });
    await write('ended', 'earlier');
    const answer = call.answer('alice', 'mine', WITHIN, 'ended');
    await write('playing', 'mine');
    expect(await call.answer('alice', 'mine', WITHIN)).to.include({ 'media.status': 'playing' });
    await write('ended', 'mine');
    expect(await answer).to.include({ 'media.status': 'ended', 'media.status_command_id': 'mine' });
    expect(await call.answer('alice', 'another', 200).catch(String)).to.match(/not within 200 ms/);
  });

  it('should command transcription whole, and resolve with the answer to this command', async () => {
    const first = await call.transcribe('alice', { enabled: true, language: 'fr-CA' });
    expect(await attributes()).to.deep.equal({
      'stt.enabled': 'true',
      'stt.language': 'fr-CA',
      'stt.command_id': first,
    });
    const second = await call.transcribe('alice', { enabled: false });
    expect(await attributes()).to.deep.equal({ 'stt.enabled': 'false', 'stt.command_id': second });
    const answer = call.transcribeAnswer('alice', second, WITHIN);
    await call.write('alice', { 'stt.status': 'running', 'stt.status_command_id': first });
    await call.write('alice', { 'stt.status': 'stopped', 'stt.status_command_id': second });
    expect(await answer).to.include({ 'stt.status': 'stopped' });
  });

  it('should see a bot by its kind and attribute, whether it came before or comes later', async () => {
    const human = { 'lk.agent_name': 'media-bot' };
    const impostor = await joinRoom(server(), { room, identity: 'human', attributes: human });
    expect(await call.botJoined(200).catch(String)).to.match(/not within 200 ms/);
    const later = call.botJoined(WITHIN);
    const bot = await joinRoom(server(), {
      room,
      identity: 'media-bot-1',
      kind: 'agent',
      attributes: { 'lk.agent_name': 'media-bot' },
    });
    expect([await later, await call.botJoined(WITHIN)]).to.deep.equal([bot.identity, bot.identity]);
    await Promise.all([bot.leave(), impostor.leave()]);
  });

  it('should be seen by nobody', async () => {
    const bob = await joinRoom(server(), { room, identity: 'bob' });
    const others = [...bob.room.remoteParticipants.values()].map(({ identity }) => identity);
    await bob.leave();
    expect(others).to.deep.equal(['alice']);
    expect(alice.room.localParticipant!.kind).to.equal(ParticipantKind.SIP);
  });

  it('should see the room being closed', async () => {
    const closed = call.roomClosed(WITHIN);
    await deleteRoomUntil(closed, call);
    expect(await closed).to.equal(DisconnectReason.ROOM_DELETED);
  });

  it('should name the bot in the configuration of the room, or dispatch it explicitly', async () => {
    const id = await call.dispatchBot('{}');
    expect(id).to.match(/^AD_/);
    const other = await openCall(server(), { room: `${room}-2`, metadata: '{}' });
    await other.close();
  });
});
