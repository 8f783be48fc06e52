import { once } from 'node:events';
import { type Room, RoomEvent, SimulateScenarioKind } from '@livekit/rtc-node';
import { expect } from 'chai';
import { filter, map, ReplaySubject } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import { fromParticipants } from '../../streams/fromParticipants.js';
import { type Scene, SOON } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { useScene } from '../support/useScene.js';

describe('fromParticipants', () => {
  const stage = useScene(undefined, { microphones: false });
  let scene: Scene;
  let bot: DemoParticipant;
  let room: Room;

  beforeEach(async () => {
    scene = stage.scene();
    bot = await scene.join('bot', { kind: 'agent' });
    ({ room } = bot);
  });

  const names = () =>
    fromParticipants(room).pipe(
      map((participants) =>
        participants
          .map(({ identity }) => identity)
          .sort()
          .join(),
      ),
    );
  /** Every list so far and to come, as names. */
  const follow = () => {
    const lists = new ReplaySubject<string>(Infinity);
    names().subscribe(lists);
    return lists;
  };
  const list = (lists: ReplaySubject<string>, people: string) =>
    firstWithin(lists.pipe(filter((seen) => seen === people)), SOON, `"${people}" in the room`);
  /**
   * Somebody joins, and the bot's room knows it. The server tells at once of the comings and goings
   * of those who publish; of others it does so every 3 s.
   */
  const joined = async (identity: string) => {
    const seen = once(room, RoomEvent.ParticipantConnected);
    const person = await scene.join(identity);
    await person.speak(0);
    await seen;
    return person;
  };

  it('should begin with those who are there, as of the subscription', async () => {
    const seen = names();
    expect(seenSoFar(seen)).to.deep.equal(['']);
    await joined('caller');
    await joined('colleague');
    expect(seenSoFar(seen)).to.deep.equal(['caller,colleague']);
  });

  it('should emit everybody at each arrival', async () => {
    const lists = follow();
    await joined('caller');
    await joined('colleague');
    expect(seenSoFar(lists)).to.deep.equal(['', 'caller', 'caller,colleague']);
  });

  it('should emit those who stay as soon as the room tells why somebody left', async () => {
    const caller = await joined('caller');
    await joined('colleague');
    const lists = follow();
    const departed = once(room, RoomEvent.ParticipantDisconnected);
    await caller.leave();
    await departed;
    expect(seenSoFar(lists)).to.deep.equal(['caller,colleague', 'colleague']);
  });

  it('should emit those who stay when somebody is removed', async () => {
    await joined('caller');
    await joined('colleague');
    const lists = follow();
    await scene.service.rooms.removeParticipant(scene.service.room, 'caller');
    await list(lists, 'colleague');
  });

  it('should give the newest session of somebody who comes back at once', async () => {
    const caller = await joined('caller');
    const { sid } = caller.room.localParticipant!;
    await caller.leave();
    const again = await scene.join('caller');
    await again.speak(0);
    const newest = fromParticipants(room).pipe(
      map(([participant]) => participant?.sid),
      filter((seen) => seen === again.room.localParticipant!.sid),
    );
    expect(await firstWithin(newest, SOON, 'the second session')).not.to.equal(sid);
  });

  it("should not say that anybody left because of the bot's own reconnection", async () => {
    await joined('caller');
    await joined('colleague');
    const lists = follow();
    const departed = once(room, RoomEvent.ParticipantDisconnected);
    const reconnected = once(room, RoomEvent.Reconnected);
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    await departed;
    await reconnected;
    // An arrival after it all is the last list that there is to wait for.
    await joined('late');
    await list(lists, 'caller,colleague,late');
    expect([...new Set(seenSoFar(lists))]).to.deep.equal([
      'caller,colleague',
      'caller,colleague,late',
    ]);
  });

  it('should emit those who are there when it is back', async () => {
    const caller = await joined('caller');
    await joined('colleague');
    const lists = follow();
    const reconnected = once(room, RoomEvent.Reconnected);
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    await caller.leave();
    await reconnected;
    await list(lists, 'colleague');
  });

  it('should emit the state again as soon as it is back', async () => {
    const caller = await joined('caller');
    const lists = follow();
    const reconnected = once(room, RoomEvent.Reconnected);
    // rtc-node 0.13.35 may get stuck in a resume before all of its connection is there.
    await bot.speak(440);
    await caller.waitForTone(440, { within: SOON });
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_SIGNAL_RECONNECT);
    await reconnected;
    expect(seenSoFar(lists)).to.deep.equal(['caller', 'caller']);
  });

  it('should listen to the room only while it is subscribed to', () => {
    const listeners = () => Object.values(RoomEvent).map((name) => room.listenerCount(name));
    const before = listeners();
    const subscription = fromParticipants(room).subscribe();
    expect(listeners()).not.to.deep.equal(before);
    subscription.unsubscribe();
    expect(listeners()).to.deep.equal(before);
  });
});
