import { RoomEvent } from '@livekit/rtc-node';
import { expect } from 'chai';
import type { ParticipantInfo, RoomServiceClient } from 'livekit-server-sdk';
import { firstValueFrom, Subscription } from 'rxjs';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import { liveness } from '../../lib/pipelines/liveness.js';
import { listBots } from '../../streams/roomBots.js';
import { type AskedRoom, pingBots, type Vitals } from '../../lib/pingBots.js';
import { joinRoom } from '../../demo/participants/joinRoom.js';
import type { Scene } from '../support/scene.js';
import { silentLogger } from '../support/silentLogger.js';
import { useScene } from '../support/useScene.js';

describe('pingBots', () => {
  const stage = useScene(undefined, { microphones: false });
  let scene: Scene;
  let living: Subscription;

  beforeEach(() => {
    scene = stage.scene();
    living = new Subscription();
  });
  afterEach(() => living.unsubscribe());

  const asked = (change: Partial<RoomServiceClient> = {}): AskedRoom => {
    const { rooms, room } = scene.service;
    const changed = Object.assign(Object.create(rooms) as RoomServiceClient, change);
    return { rooms: changed, room, agentName: 'media-bot' };
  };
  const bots = () => {
    const { rooms, room, agentName } = asked();
    return firstValueFrom(listBots(rooms, room, agentName), { defaultValue: [] });
  };
  const dead = (identity: string) => scene.join(identity, { kind: 'agent' });
  const live = ({ room, identity }: Pick<DemoParticipant, 'room' | 'identity'>) => {
    const { rooms: api, room: roomName } = scene.service;
    const deps = { room, api, roomName, identity, logger: silentLogger() };
    living.add(liveness(deps).subscribe());
  };
  const ping = (of: readonly ParticipantInfo[], room = asked(), ignored?: string) =>
    firstValueFrom(pingBots(of, room, ignored), { defaultValue: undefined });
  const silence = (...silent: readonly string[]): Vitals => ({ alive: false, silent });

  it('should find a bot alive that answers, however often it is asked', async () => {
    live(await dead('media-bot-1'));
    for (let times = 0; times < 3; times += 1)
      expect(await ping(await bots())).to.include({ alive: true });
  });

  it('should find a bot alive for two who ask at once', async () => {
    live(await dead('media-bot-1'));
    const listed = await bots();
    const answers = await Promise.all([ping(listed), ping(listed)]);
    expect(answers.map((answer) => answer?.alive)).to.deep.equal([true, true]);
  });

  it('should name those that do not answer, in the order in which they joined', async () => {
    await dead('media-bot-2');
    await dead('media-bot-1');
    expect(await ping(await bots())).to.deep.equal(silence('media-bot-2', 'media-bot-1'));
  });

  it('should be content with one of several that answers', async () => {
    await dead('media-bot-1');
    live(await dead('media-bot-2'));
    expect(await ping(await bots())).to.include({ alive: true });
  });

  it('should find nobody where the bot leaves', async () => {
    const bot = await dead('media-bot-1');
    const answer = ping(await bots());
    await bot.leave();
    expect(await answer).to.deep.equal(silence());
  });

  it('should take a bot for alive that joins again, and one that comes', async () => {
    const { room } = scene.service;
    await dead('media-bot-1');
    const listed = await bots();
    const again = await joinRoom(stage.server(), { room, identity: 'media-bot-1', kind: 'agent' });
    expect(await ping(listed)).to.include({ alive: true });
    const both = await bots();
    await dead('media-bot-2');
    expect(await ping(both)).to.include({ alive: true });
    await again.leave();
  });

  it('should ignore who is to be ignored', async () => {
    live(await dead('media-bot-1'));
    await dead('media-bot-2');
    const others = (await bots()).filter(({ identity }) => identity !== 'media-bot-1');
    expect(await ping(others, asked(), 'media-bot-1')).to.deep.equal(silence('media-bot-2'));
  });

  it('should ask a second time', async () => {
    const bot = await dead('media-bot-1');
    bot.room.once(RoomEvent.DataReceived, () => live(bot));
    expect(await ping(await bots())).to.include({ alive: true });
  });

  it('should take bots for silent where the server cannot be asked', async () => {
    live(await dead('media-bot-1'));
    const fail = () => Promise.reject(new Error('the server is away'));
    const listed = await bots();
    const away = asked({ sendData: fail, listParticipants: fail });
    expect(await ping(listed, away)).to.deep.equal(silence('media-bot-1'));
  });
});
