import { once } from 'node:events';
import { type Room, RoomEvent, SimulateScenarioKind } from '@livekit/rtc-node';
import { expect } from 'chai';
import { filter, ReplaySubject } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import type { Attributes } from '../../operators/types.js';
import { fromAttributes } from '../../streams/fromAttributes.js';
import { type Scene, SOON } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { useScene } from '../support/useScene.js';

describe('fromAttributes', () => {
  const stage = useScene(undefined, { microphones: false });
  let scene: Scene;
  let room: Room;

  beforeEach(() => {
    scene = stage.scene();
  });

  /** Everything that a participant's stream has emitted, and emits. */
  const follow = (identity: string) => {
    const maps = new ReplaySubject<Attributes>(Infinity);
    fromAttributes(room, identity).subscribe(maps);
    return maps;
  };
  const mapWith = (maps: ReplaySubject<Attributes>, key: string, value: string) =>
    firstWithin(maps.pipe(filter((map) => map[key] === value)), SOON, `${key} = ${value}`);
  /** The bot joins those who are there already, and so knows of them from its first moment on. */
  const joinBot = async () => {
    const bot = await scene.join('bot', { kind: 'agent' });
    ({ room } = bot);
    return bot;
  };
  const reconnect = async (meanwhile: () => Promise<void>) => {
    const reconnected = once(room, RoomEvent.Reconnected);
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    await meanwhile();
    await reconnected;
  };

  it('should begin with the map as it is', async () => {
    await scene.join('caller', { attributes: { a: '1', b: '2' } });
    await joinBot();
    expect(seenSoFar(fromAttributes(room, 'caller'))).to.deep.equal([{ a: '1', b: '2' }]);
  });

  it('should begin with nothing for somebody who is not there', async () => {
    await joinBot();
    expect(seenSoFar(fromAttributes(room, 'caller'))).to.deep.equal([]);
  });

  it('should look at the map when subscribed to, not before', async () => {
    await scene.join('caller', { attributes: { a: '1' } });
    await joinBot();
    const attributes = fromAttributes(room, 'caller');
    const changed = once(room, RoomEvent.ParticipantAttributesChanged);
    await scene.service.write('caller', { a: '2' });
    await changed;
    expect(seenSoFar(attributes)).to.deep.equal([{ a: '2' }]);
  });

  it('should emit the whole map after each change, of this participant alone', async () => {
    await scene.join('caller', { attributes: { a: '1', b: '2' } });
    await scene.join('colleague');
    await joinBot();
    const maps = follow('caller');
    await scene.service.write('caller', { b: '3' });
    await mapWith(maps, 'b', '3');
    await scene.service.write('colleague', { a: '9' });
    await scene.service.write('caller', { a: '', c: '4' });
    await mapWith(maps, 'c', '4');
    expect(seenSoFar(maps)).to.deep.equal([
      { a: '1', b: '2' },
      { a: '1', b: '3' },
      { b: '3', c: '4' },
    ]);
  });

  it('should emit the map that somebody joins with, and with which they come back', async () => {
    await joinBot();
    const maps = follow('caller');
    const caller = await scene.join('caller', { attributes: { turn: 'first' } });
    await mapWith(maps, 'turn', 'first');
    await caller.leave();
    await scene.join('caller', { attributes: { turn: 'second' } });
    await mapWith(maps, 'turn', 'second');
  });

  it('should not miss a change that comes with the news that somebody joined', async () => {
    await joinBot();
    let changes = 0;
    room.on(RoomEvent.ParticipantAttributesChanged, () => (changes += 1));
    // The server tells of both together where one follows the other closely: about every second time.
    let together = false;
    for (let attempt = 0; !together && attempt < 20; attempt += 1) {
      const identity = `caller-${attempt}`;
      const maps = follow(identity);
      await scene.join(identity);
      await scene.service.write(identity, { change: 'made' });
      await mapWith(maps, 'change', 'made');
      together = changes === 0;
      changes = 0;
    }
    expect(together, 'both came together').to.equal(true);
  });

  it('should emit the state again after the bot itself reconnected, and follow on', async () => {
    await scene.join('caller', { attributes: { a: '1' } });
    await joinBot();
    const maps = follow('caller');
    await reconnect(() => scene.service.write('caller', { a: '2' }));
    await mapWith(maps, 'a', '2');
    await scene.service.write('caller', { a: '3' });
    await mapWith(maps, 'a', '3');
  });

  it('should emit the state again as soon as it is back, even where nothing has changed', async () => {
    const caller = await scene.join('caller', { attributes: { a: '1' } });
    const bot = await joinBot();
    const maps = follow('caller');
    const reconnected = once(room, RoomEvent.Reconnected);
    // rtc-node 0.13.35 may get stuck in a resume before all of its connection is there.
    await bot.speak(440);
    await caller.waitForTone(440, { within: SOON });
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_SIGNAL_RECONNECT);
    await reconnected;
    expect(seenSoFar(maps)).to.deep.equal([{ a: '1' }, { a: '1' }]);
  });

  it('should listen to the room only while it is subscribed to', async () => {
    await joinBot();
    const listeners = () => Object.values(RoomEvent).map((name) => room.listenerCount(name));
    const before = listeners();
    const subscription = fromAttributes(room, 'caller').subscribe();
    expect(listeners()).not.to.deep.equal(before);
    subscription.unsubscribe();
    expect(listeners()).to.deep.equal(before);
  });
});
