import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Room, RoomEvent, SimulateScenarioKind } from '@livekit/rtc-node';
import { expect } from 'chai';
import {
  filter,
  fromEvent,
  interval,
  lastValueFrom,
  map,
  NEVER,
  of,
  ReplaySubject,
  Subscription,
  switchMap,
} from 'rxjs';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { now } from '../../demo/participants/heardWindows.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import type { ServerAccess } from '../../demo/participants/mintToken.js';
import { loopUntil } from '../../operators/loopUntil.js';
import { paceTo } from '../../operators/paceTo.js';
import { audioOutput } from '../../streams/audioOutput.js';
import {
  type PrivateTrack,
  privateTracks,
  PublicationInterrupted,
} from '../../streams/privateTracks.js';
import { toAudioTrack } from '../../streams/toAudioTrack.js';
import { deleteRoomUntil } from '../support/deleteRoomUntil.js';
import { sineFrame } from '../support/frames.js';
import { notHeard } from '../support/notHeard.js';
import { openOvertakenSignal } from '../support/overtakenSignal.js';
import { openScene, type Scene, SOON } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { openSignalProxy } from '../support/signalProxy.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';
import { withPatience } from '../support/withPatience.js';

const CALLER = 440;
const COLLEAGUE = 880;
/** The SDK's own publication would hold an event back for 10 s, where nobody answers it. */
const UNHELD = 9_000;

describe('privateTracks', () => {
  const server = useLiveKitServer();
  let assets: AssetServer;
  let scene: Scene;
  let bot: DemoParticipant;
  let publishFor: ReturnType<typeof privateTracks>;
  let subscriptions: Subscription;

  before(async () => {
    assets = await startAssetServer();
  });
  after(() => assets.close());
  beforeEach(async () => {
    scene = await openScene(server(), assets);
    subscriptions = new Subscription();
  });
  afterEach(() => {
    subscriptions.unsubscribe();
    // The bot leaves with the room: after some rebuilt connections its own leaving never returns.
    return scene.close();
  });

  const joinBot = async (wire: ServerAccess = server()) => {
    bot = await joinRoom(wire, { room: scene.service.room, identity: 'bot', kind: 'agent' });
    publishFor = privateTracks(bot.room);
  };
  /** Publishes a listener's track; what it emits and how it ends can be looked at later too. */
  const publish = (listener: string) => {
    const tracks = new ReplaySubject<PrivateTrack>(1);
    const subscription = publishFor(listener).subscribe(tracks);
    subscriptions.add(subscription);
    return { tracks, subscription };
  };
  const fail = (cause: unknown) => {
    throw new Error('the tone broke off', { cause });
  };
  const tone = (hz: number, { source, isOpen }: PrivateTrack) => {
    const output = audioOutput(source, isOpen);
    return of(sineFrame(hz, 4_800)).pipe(
      paceTo({ queued: output.queued, lead: 200 }),
      loopUntil(NEVER),
      map((frame) => ({ type: 'frame', frame }) as const),
      toAudioTrack(output, fail),
    );
  };
  /** Plays a tone on a listener's own track until the end of the spec. */
  const whistle = (listener: string, hz: number) =>
    subscriptions.add(
      publishFor(listener)
        .pipe(switchMap((track) => tone(hz, track)))
        .subscribe({ error: fail }),
    );
  /** The bot's tracks that somebody has been subscribed to so far, for however short a time. */
  const tracksHeard = (person: DemoParticipant) => [
    ...new Set(person.heardSince(0, 'bot').map(({ trackSid }) => trackSid)),
  ];
  const tracksTaken = ({ room }: DemoParticipant) =>
    [...(room.remoteParticipants.get('bot')?.trackPublications.values() ?? [])]
      .filter(({ subscribed }) => subscribed)
      .map(({ sid }) => sid);
  const published = () => bot.room.localParticipant!.trackPublications.size;
  const rebuildConnection = async () => {
    const reconnected = once(bot.room, RoomEvent.Reconnected);
    await bot.room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    await reconnected;
  };

  it('should be subscribed to by its listener alone, from the first moment on', async () => {
    const [caller, early] = [await scene.join('caller'), await scene.join('early')];
    let taken = 0;
    early.room.on(RoomEvent.TrackSubscribed, () => (taken += 1));
    await joinBot();
    whistle('caller', CALLER);
    // The server has the track by now, and this process no time to say who may have it.
    for (const busyUntil = now() + 500; now() < busyUntil;);
    const { trackName } = await caller.waitForTone(CALLER, { within: SOON, from: 'bot' });
    expect(trackName).to.equal('media');
    const late = await scene.join('late');
    const agent = await scene.join('agent', { kind: 'agent' });
    await early.leave();
    const back = await scene.join('early');
    for (const person of [early, late, agent, back]) {
      await notHeard(person, CALLER, 500, 0);
      expect(tracksHeard(person), `heard by ${person.identity}`).to.deep.equal([]);
    }
    expect(taken, 'subscriptions, however short').to.equal(0);
    for (const person of [late, agent, back]) expect(tracksTaken(person)).to.deep.equal([]);
  });

  it('should let each listener have their own, who is there and who comes later', async () => {
    const caller = await scene.join('caller');
    await joinBot();
    whistle('caller', CALLER);
    whistle('colleague', COLLEAGUE);
    await caller.waitForTone(CALLER, { within: SOON });
    const colleague = await scene.join('colleague');
    await colleague.waitForTone(COLLEAGUE, { within: SOON });
    await Promise.all([notHeard(caller, COLLEAGUE, 500, 0), notHeard(colleague, CALLER, 500, 0)]);
    expect(tracksHeard(caller)).to.have.length(1);
    expect(tracksHeard(colleague)).to.have.length(1);
    expect(tracksHeard(caller)).not.to.deep.equal(tracksHeard(colleague));
  });

  it('should let each have their own though the second list of permissions overtakes the first', async () => {
    const [caller, colleague] = [await scene.join('caller'), await scene.join('colleague')];
    const wire = await openOvertakenSignal(
      server().url,
      (said) => said.case === 'subscriptionPermission' && said.value.trackPermissions.length === 1,
    );
    await joinBot({ ...server(), url: wire.url });
    whistle('caller', CALLER);
    whistle('colleague', COLLEAGUE);
    await caller.waitForTone(CALLER, { within: SOON });
    await colleague.waitForTone(COLLEAGUE, { within: SOON });
    expect(wire.overtaken()).to.be.at.least(1);
    await wire.close();
  });

  it('should let a listener who comes back have the same track again', async () => {
    const [caller, colleague] = [await scene.join('caller'), await scene.join('colleague')];
    await joinBot();
    whistle('caller', CALLER);
    await caller.waitForTone(CALLER, { within: SOON });
    const before = tracksHeard(caller);
    await caller.leave();
    const back = await scene.join('caller');
    await back.waitForTone(CALLER, { within: SOON });
    expect(tracksHeard(back)).to.deep.equal(before);
    await notHeard(colleague, CALLER, 300, 0);
    expect(tracksHeard(colleague)).to.deep.equal([]);
  });

  /** Two listeners who hear their own tones, and somebody who hears nothing. */
  const playToTwo = async () => {
    const [caller, colleague, third] = [
      await scene.join('caller'),
      await scene.join('colleague'),
      await scene.join('third'),
    ];
    await joinBot();
    whistle('caller', CALLER);
    whistle('colleague', COLLEAGUE);
    await caller.waitForTone(CALLER, { within: SOON });
    await colleague.waitForTone(COLLEAGUE, { within: SOON });
    return { caller, colleague, third };
  };

  it("should stay private through the bot's own reconnection", async () => {
    const { caller, colleague, third } = await playToTwo();
    await rebuildConnection();
    const late = await scene.join('late');
    const tones = [CALLER, COLLEAGUE];
    await Promise.all([
      notHeard(caller, COLLEAGUE, 1_000, 0),
      notHeard(colleague, CALLER, 1_000, 0),
      ...tones.flatMap((hz) => [third, late].map((person) => notHeard(person, hz, 1_000, 0))),
    ]);
    for (const person of [third, late]) expect(tracksTaken(person)).to.deep.equal([]);
  });

  it("should be heard again after the bot's own reconnection", async function () {
    // On a busy machine rtc-node 0.13.35 loses a track in some of its rebuilt connections, whoever
    // may hear it: about one in thirty.
    this.retries(2);
    const { caller, colleague } = await playToTwo();
    await rebuildConnection();
    await caller.waitForTone(CALLER, { within: SOON, since: now() });
    await colleague.waitForTone(COLLEAGUE, { within: SOON, since: now() });
    expect(tracksTaken(caller)).to.have.length(1);
    expect(tracksTaken(colleague)).to.have.length(1);
  });

  it('should be closed while the connection is built anew, and open again afterwards', async () => {
    await scene.join('caller');
    await joinBot();
    const { isOpen } = await firstWithin(publish('caller').tracks, SOON, 'the track');
    expect(isOpen()).to.equal(true);
    const reconnecting = once(bot.room, RoomEvent.Reconnecting).then(isOpen);
    await rebuildConnection();
    expect(await reconnecting).to.equal(false);
    expect(isOpen()).to.equal(true);
  });

  it('should stay open while the connection is merely resumed', async () => {
    const { SIMULATE_SIGNAL_RECONNECT } = SimulateScenarioKind;
    await scene.join('caller');
    await joinBot();
    const { isOpen } = await firstWithin(publish('caller').tracks, SOON, 'the track');
    const reconnecting = once(bot.room, RoomEvent.Reconnecting).then(isOpen);
    const reconnected = once(bot.room, RoomEvent.Reconnected).then(isOpen);
    await bot.room.simulateScenario(SIMULATE_SIGNAL_RECONNECT);
    expect([await reconnecting, await reconnected]).to.deep.equal([true, true]);
  });

  it('should emit once the listener is subscribed, or after a second without them', async () => {
    await scene.join('caller');
    await joinBot();
    const heard = once(bot.room, RoomEvent.LocalTrackSubscribed);
    const { tracks } = publish('caller');
    await heard;
    await setImmediate();
    expect(seenSoFar(tracks), 'the track of somebody who is there').to.have.length(1);
    const asked = now();
    await firstWithin(publish('nobody').tracks, SOON, 'the track of somebody who is not');
    expect(now() - asked).to.be.at.least(990);
  });

  it('should unpublish when unsubscribed, and free the source', async () => {
    const caller = await scene.join('caller');
    await joinBot();
    const taken = once(caller.room, RoomEvent.TrackSubscribed);
    const { tracks, subscription } = publish('caller');
    const { source } = await firstWithin(tracks, SOON, 'the track');
    await taken;
    const gone = [
      once(caller.room, RoomEvent.TrackUnpublished),
      once(bot.room, RoomEvent.LocalTrackUnpublished),
    ];
    subscription.unsubscribe();
    await Promise.all(gone);
    expect(published()).to.equal(0);
    await firstWithin(interval(10).pipe(filter(() => source.closed)), SOON, 'a closed source');
  });

  it('should use the source of a room that was closed again, for what is played there alone', async function () {
    this.timeout(180_000);
    const MOST_ROOMS = 6;
    const sources = new Set<unknown>();
    // Nobody is told when a source may be used again: on a busy machine it takes some rooms more.
    for (let rooms = 1; rooms <= MOST_ROOMS && sources.size === rooms - 1; rooms += 1) {
      const [hz, other] = rooms % 2 === 1 ? [CALLER, COLLEAGUE] : [COLLEAGUE, CALLER];
      const caller = await scene.join('caller');
      await joinBot();
      const { tracks } = publish('caller');
      const track = await firstWithin(tracks, SOON, 'the track');
      sources.add(track.source);
      subscriptions.add(tone(hz, track).subscribe({ error: fail }));
      await caller.waitForTone(hz, { within: SOON, from: 'bot' });
      await notHeard(caller, other, 500, 0);
      const closed = once(bot.room, RoomEvent.Disconnected);
      await deleteRoomUntil(closed, scene.service);
      await scene.service.close();
      subscriptions.unsubscribe();
      subscriptions = new Subscription();
      await setTimeout(1_500);
      scene = await openScene(server(), assets);
    }
    expect(sources.size, 'sources of all rooms').to.be.lessThan(MOST_ROOMS);
  });

  it('should unpublish what was published again after a reconnection', async () => {
    const caller = await scene.join('caller');
    await joinBot();
    const { tracks, subscription } = publish('caller');
    await firstWithin(tracks, SOON, 'the track');
    await rebuildConnection();
    const gone = once(bot.room, RoomEvent.LocalTrackUnpublished);
    subscription.unsubscribe();
    await gone;
    expect(published()).to.equal(0);
    whistle('caller', CALLER);
    await caller.waitForTone(CALLER, { within: SOON });
  });

  it('should unpublish what is still being published when unsubscribed', async () => {
    await scene.join('caller');
    await joinBot();
    const gone = once(bot.room, RoomEvent.LocalTrackUnpublished);
    publish('caller').subscription.unsubscribe();
    await gone;
    expect(published()).to.equal(0);
  });

  it('should not keep the end of the room from being seen while a track is published', async () => {
    await scene.join('caller');
    await joinBot();
    const ended = firstWithin(fromEvent(bot.room, RoomEvent.Disconnected), UNHELD, 'the end');
    publish('caller');
    await deleteRoomUntil(ended, scene.service);
  });

  it('should error when the server does not let the bot publish', async () => {
    const grants = { canPublish: false };
    bot = await scene.join('bot', { kind: 'agent', grants });
    publishFor = privateTracks(bot.room);
    const failure: unknown = await lastValueFrom(publishFor('caller'), {
      defaultValue: undefined,
    }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
  });

  it('should throw for a room that has not been joined', () => {
    expect(() => privateTracks(new Room())).to.throw('not joined');
  });

  it('should see a cut wire while a track is published, and error as it is mended', async () => {
    const caller = await scene.join('caller');
    const proxy = await openSignalProxy(server().url);
    bot = await joinRoom(
      { ...server(), url: proxy.url },
      { room: scene.service.room, identity: 'bot', kind: 'agent' },
    );
    // The SDK does not always tell of a wire that is cut before all of its connection is there.
    await bot.speak(440);
    await caller.waitForTone(440, { within: SOON });
    publishFor = privateTracks(bot.room);
    const cut = firstWithin(fromEvent(bot.room, RoomEvent.Reconnecting), UNHELD, 'the cut');
    proxy.cut();
    const { tracks } = publish('caller');
    await cut;
    const failure: unknown = await lastValueFrom(tracks, { defaultValue: undefined }).catch(
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(PublicationInterrupted);
    proxy.restore();
    await withPatience(bot.leave());
    await proxy.close();
  });
});
