import '../../../demo/participants/quietRtcNode.js';

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DisconnectReason, type RemoteParticipant, RoomEvent } from '@livekit/rtc-node';
import { expect } from 'chai';
import { type BotProcess, spawnBot } from '../../../demo/botProcess.js';
import { type CallService, openCall } from '../../../demo/callService.js';
import { type DemoParticipant, joinRoom } from '../../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { deleteRoomUntil } from '../../support/deleteRoomUntil.js';
import { useLiveKitServer } from '../../support/useLiveKitServer.js';

const HZ = 1_000;
/** A process of its own takes a while to start on a busy machine. */
const SOON = 40_000;

describe('demo/examples/announcer.ts', function () {
  this.timeout(120_000);
  const server = useLiveKitServer();
  let folder: string;
  let service: CallService;
  let listener: DemoParticipant;
  let bot: BotProcess;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'announcer-'));
    writeFileSync(join(folder, 'tone.mp3'), await toneMp3([{ hz: HZ, ms: 600 }]));
  });
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(async () => {
    const room = `room-${randomUUID()}`;
    service = await openCall(server(), { room, dispatch: false });
    listener = await joinRoom(server(), { room, identity: 'listener' });
    const program = ['demo/examples/announcer.ts', room, join(folder, 'tone.mp3'), '0.7'];
    bot = await spawnBot(server(), { command: ['--import', 'tsx', ...program] });
  });
  afterEach(async () => {
    await bot.stop('SIGKILL');
    await listener.leave();
    await service.close();
  });

  const announced = async (since: number) => {
    const heard = { since, within: SOON, from: 'announcer' };
    const { at } = await listener.waitForTone(HZ, heard);
    return listener.waitForSilence({ ...heard, since: at });
  };

  it('should be heard again and again, and leave on SIGTERM', async () => {
    await announced(await announced(0));
    const left = once(listener.room, RoomEvent.ParticipantDisconnected);
    expect(await bot.stop()).to.equal(0);
    const [{ identity, disconnectReason }] = (await left) as [RemoteParticipant];
    expect(identity).to.equal('announcer');
    expect(disconnectReason).to.equal(DisconnectReason.CLIENT_INITIATED);
  });

  it('should end with the room', async () => {
    await listener.waitForTone(HZ, { since: 0, within: SOON });
    await deleteRoomUntil(bot.exited, service);
    expect(await bot.exited).to.equal(0);
  });
});
