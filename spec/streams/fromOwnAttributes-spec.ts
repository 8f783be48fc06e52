import '../../demo/participants/quietRtcNode.js';

import { once } from 'node:events';
import { Room, RoomEvent, SimulateScenarioKind } from '@livekit/rtc-node';
import { expect } from 'chai';
import { filter, ReplaySubject } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import type { Attributes } from '../../operators/types.js';
import { fromOwnAttributes } from '../../streams/fromOwnAttributes.js';
import { type Scene, SOON } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { useScene } from '../support/useScene.js';

describe('fromOwnAttributes', () => {
  const stage = useScene(undefined, { microphones: false });
  let scene: Scene;
  let room: Room;

  beforeEach(() => {
    scene = stage.scene();
  });

  const joinBot = async (attributes: Attributes = {}) => {
    ({ room } = await scene.join('bot', { kind: 'agent', attributes }));
  };
  /** Everything that has been emitted, and is. */
  const follow = () => {
    const maps = new ReplaySubject<Attributes>(Infinity);
    fromOwnAttributes(room).subscribe(maps);
    return maps;
  };
  const mapWith = (maps: ReplaySubject<Attributes>, key: string, value: string) =>
    firstWithin(maps.pipe(filter((map) => map[key] === value)), SOON, `${key} = ${value}`);
  const event = (name: RoomEvent) => once(room, name, { signal: AbortSignal.timeout(SOON) });

  it('should begin with the map as it is, an empty one included', async () => {
    await joinBot({ a: '1', b: '2' });
    expect(seenSoFar(fromOwnAttributes(room))).to.deep.equal([{ a: '1', b: '2' }]);
    expect(seenSoFar(fromOwnAttributes(new Room()))).to.deep.equal([{}]);
  });

  it('should look at the map when subscribed to, not before', async () => {
    await joinBot({ a: '1' });
    const attributes = fromOwnAttributes(room);
    const changed = event(RoomEvent.ParticipantAttributesChanged);
    await scene.service.write('bot', { a: '2' });
    await changed;
    expect(seenSoFar(attributes)).to.deep.equal([{ a: '2' }]);
  });

  it('should emit the whole map after each change, and after nobody else’s', async () => {
    // First, so that the bot is told of the caller before the caller's change, not with it.
    await scene.join('caller');
    await joinBot({ a: '1', b: '2' });
    const maps = follow();
    const others = event(RoomEvent.ParticipantAttributesChanged);
    await scene.service.write('caller', { a: '9' });
    await others;
    await scene.service.write('bot', { b: '3' });
    await mapWith(maps, 'b', '3');
    await scene.service.write('bot', { a: '', c: '4' });
    await mapWith(maps, 'c', '4');
    expect(seenSoFar(maps)).to.deep.equal([
      { a: '1', b: '2' },
      { a: '1', b: '3' },
      { b: '3', c: '4' },
    ]);
  });

  it('should emit what the bot itself has written', async () => {
    ({ room } = await scene.join('bot', { kind: 'agent', canUpdateOwnMetadata: true }));
    const maps = follow();
    await room.localParticipant!.setAttributes({ a: '1' });
    await mapWith(maps, 'a', '1');
  });

  it('should emit the state again when the bot is back, and follow on', async () => {
    await joinBot({ a: '1' });
    const maps = follow();
    const reconnected = event(RoomEvent.Reconnected);
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    await reconnected;
    expect(seenSoFar(maps).slice(1)).to.deep.include({ a: '1' });
    await scene.service.write('bot', { a: '2' });
    await mapWith(maps, 'a', '2');
    expect(seenSoFar(maps)).not.to.deep.include({});
  });

  it('should listen to the room only while it is subscribed to', async () => {
    await joinBot();
    const listeners = () => Object.values(RoomEvent).map((name) => room.listenerCount(name));
    const before = listeners();
    const subscription = fromOwnAttributes(room).subscribe();
    expect(listeners()).not.to.deep.equal(before);
    subscription.unsubscribe();
    expect(listeners()).to.deep.equal(before);
  });
});
