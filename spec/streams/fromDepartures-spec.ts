import { once } from 'node:events';
import {
  DisconnectReason,
  type RemoteParticipant,
  type Room,
  RoomEvent,
  SimulateScenarioKind,
} from '@livekit/rtc-node';
import { expect } from 'chai';
import { ReplaySubject } from 'rxjs';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { fromDepartures } from '../../streams/fromDepartures.js';
import { type Scene, SOON } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { openSignalProxy } from '../support/signalProxy.js';
import { useScene } from '../support/useScene.js';

/** So long a server waits for somebody whose connection broke: 20 s. */
const SERVER_GIVES_UP = 40_000;

describe('fromDepartures', () => {
  const stage = useScene(undefined, { microphones: false });
  let scene: Scene;
  let room: Room;

  beforeEach(async () => {
    scene = stage.scene();
    ({ room } = await scene.join('bot', { kind: 'agent' }));
  });

  const follow = () => {
    const departures = new ReplaySubject<string>(Infinity);
    fromDepartures(room).subscribe(departures);
    return departures;
  };
  const event = (name: RoomEvent, within = SOON) =>
    once(room, name, { signal: AbortSignal.timeout(within) });
  /** Somebody joins, and the bot's room knows it: at once, for they publish. */
  const joined = async (
    identity: string,
    join: (identity: string) => Promise<DemoParticipant> = scene.join,
  ) => {
    const seen = event(RoomEvent.ParticipantConnected);
    const person = await join(identity);
    await person.speak(0);
    await seen;
    return person;
  };
  const remove = (identity: string) =>
    scene.service.rooms.removeParticipant(scene.service.room, identity);

  it('should emit whoever leaves on purpose', async () => {
    const caller = await joined('caller');
    const departures = follow();
    const left = event(RoomEvent.ParticipantDisconnected);
    await caller.leave();
    await left;
    expect(seenSoFar(departures)).to.deep.equal(['caller']);
  });

  it('should emit whoever is removed', async () => {
    await joined('caller');
    const departures = follow();
    const left = event(RoomEvent.ParticipantDisconnected);
    await remove('caller');
    await left;
    expect(seenSoFar(departures)).to.deep.equal(['caller']);
  });

  it('should emit one who comes back for each time that they leave', async () => {
    const departures = follow();
    for (let times = 0; times < 2; times += 1) {
      const caller = await joined('caller');
      const left = event(RoomEvent.ParticipantDisconnected);
      await caller.leave();
      await left;
    }
    expect(seenSoFar(departures)).to.deep.equal(['caller', 'caller']);
  });

  it('should not emit somebody whose connection was lost', async function () {
    this.timeout(2 * SERVER_GIVES_UP);
    const proxy = await openSignalProxy(stage.server().url);
    const caller = await joined('caller', (identity) =>
      joinRoom(
        { ...stage.server(), url: proxy.url },
        { room: scene.service.room, identity, kind: 'sip' },
      ),
    );
    const departures = follow();
    const left = event(RoomEvent.ParticipantDisconnected, SERVER_GIVES_UP);
    proxy.cut();
    await left;
    expect(room.remoteParticipants.has('caller')).to.equal(false);
    expect(seenSoFar(departures)).to.deep.equal([]);
    // Not waited for: whoever is about to connect anew may never get out of a room by themselves.
    caller.leave().catch(() => undefined);
    await proxy.close();
  });

  const returns = {
    'whose server fails, and who connects anew': SimulateScenarioKind.SIMULATE_NODE_FAILURE,
    'whom the server sends away': SimulateScenarioKind.SIMULATE_SERVER_LEAVE,
  };
  for (const [who, scenario] of Object.entries(returns)) {
    it(`should not emit somebody ${who}`, async () => {
      const caller = await joined('caller');
      const departures = follow();
      const left = event(RoomEvent.ParticipantDisconnected);
      // The end of the connection may overtake the answer to the call that brings it about.
      await caller.room.simulateScenario(scenario).catch(() => undefined);
      await left;
      expect(seenSoFar(departures)).to.deep.equal([]);
    });
  }

  it('should not emit somebody whose place is taken by a new session of theirs', async () => {
    await joined('caller');
    const departures = follow();
    const left = event(RoomEvent.ParticipantDisconnected);
    await joined('caller');
    await left;
    expect(seenSoFar(departures)).to.deep.equal([]);
  });

  it('should go by the reason, those included that only a telephone network gives', () => {
    const departures = follow();
    const reasons = Object.values(DisconnectReason).filter((reason) => typeof reason === 'number');
    for (const disconnectReason of reasons) {
      const person = { identity: DisconnectReason[disconnectReason], disconnectReason };
      room.emit(RoomEvent.ParticipantDisconnected, person as unknown as RemoteParticipant);
    }
    expect(reasons).to.have.length.above(10);
    expect(seenSoFar(departures)).to.have.members([
      'CLIENT_INITIATED',
      'PARTICIPANT_REMOVED',
      'USER_UNAVAILABLE',
      'USER_REJECTED',
    ]);
  });

  it("should emit nobody through the bot's own reconnection, and whoever leaves after it", async () => {
    const caller = await joined('caller');
    const departures = follow();
    const gone = event(RoomEvent.ParticipantDisconnected);
    const reconnected = event(RoomEvent.Reconnected);
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    await gone;
    await reconnected;
    expect(seenSoFar(departures)).to.deep.equal([]);
    const left = event(RoomEvent.ParticipantDisconnected);
    await caller.leave();
    await left;
    expect(seenSoFar(departures)).to.deep.equal(['caller']);
  });

  it('should listen to the room only while it is subscribed to', () => {
    const listeners = () => Object.values(RoomEvent).map((name) => room.listenerCount(name));
    const before = listeners();
    const subscription = fromDepartures(room).subscribe();
    expect(listeners()).not.to.deep.equal(before);
    subscription.unsubscribe();
    expect(listeners()).to.deep.equal(before);
  });
});
