import { once } from 'node:events';
import { type Room, RoomEvent, SimulateScenarioKind } from '@livekit/rtc-node';
import { expect } from 'chai';
import { ReplaySubject, toArray } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import { joinRoom } from '../../demo/participants/joinRoom.js';
import { fromRoomEnd, type RoomEnd } from '../../streams/fromRoomEnd.js';
import { deleteRoomUntil } from '../support/deleteRoomUntil.js';
import { endUntil } from '../support/endUntil.js';
import { type Scene, SOON } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { useScene } from '../support/useScene.js';

describe('fromRoomEnd', () => {
  const stage = useScene(undefined, { microphones: false });
  let scene: Scene;
  let room: Room;

  beforeEach(async () => {
    scene = stage.scene();
    ({ room } = await scene.join('bot', { kind: 'agent' }));
  });

  const follow = (of = room) => {
    const ends = new ReplaySubject<RoomEnd>(Infinity);
    fromRoomEnd(of).subscribe(ends);
    return ends;
  };

  const endings: Record<string, [RoomEnd, () => Promise<unknown>]> = {
    'the room is deleted': ['over', () => scene.service.rooms.deleteRoom(scene.service.room)],
    'the bot is removed': [
      'over',
      () => scene.service.rooms.removeParticipant(scene.service.room, 'bot'),
    ],
    'the same identity joins again': ['replaced', () => scene.join('bot', { kind: 'agent' })],
    'this process leaves': ['left', () => room.disconnect()],
    'the server goes': [
      'lost',
      () => room.simulateScenario(SimulateScenarioKind.SIMULATE_SERVER_LEAVE),
    ],
  };
  for (const [what, [end, make]] of Object.entries(endings)) {
    it(`should emit ${end} and complete when ${what}`, async () => {
      const ends = firstWithin(fromRoomEnd(room).pipe(toArray()), SOON, 'the end');
      await endUntil(ends, make);
      expect(await ends).to.deep.equal([end]);
    });
  }

  it('should emit over when the server closes a room that everybody has left', async () => {
    const name = `${scene.service.room}-short`;
    await scene.service.rooms.createRoom({ name, departureTimeout: 1 });
    const [bot, caller] = await Promise.all([
      joinRoom(stage.server(), { room: name, identity: 'bot', kind: 'agent' }),
      joinRoom(stage.server(), { room: name, identity: 'caller', kind: 'sip' }),
    ]);
    const ends = follow(bot.room);
    await caller.leave();
    expect(await firstWithin(ends, SOON, 'the end')).to.equal('over');
    await bot.leave();
  });

  it("should emit nothing through the bot's own reconnection, and the end after it", async () => {
    const ends = follow();
    const reconnected = once(room, RoomEvent.Reconnected);
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    await reconnected;
    expect(seenSoFar(ends)).to.deep.equal([]);
    const end = firstWithin(ends, SOON, 'the end');
    await deleteRoomUntil(end, scene.service);
    expect(await end).to.equal('over');
  });

  it('should listen to the room only while it is subscribed to', () => {
    const before = room.listenerCount(RoomEvent.Disconnected);
    const subscription = fromRoomEnd(room).subscribe();
    expect(room.listenerCount(RoomEvent.Disconnected)).to.equal(before + 1);
    subscription.unsubscribe();
    expect(room.listenerCount(RoomEvent.Disconnected)).to.equal(before);
  });
});
