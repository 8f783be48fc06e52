import '../../demo/participants/quietRtcNode.js';

import { once } from 'node:events';
import {
  AudioSource,
  LocalAudioTrack,
  ParticipantKind,
  type RemoteParticipant,
  type RemoteTrack,
  Room,
  RoomEvent,
  SimulateScenarioKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { expect } from 'chai';
import {
  filter,
  fromEvent,
  ignoreElements,
  map,
  materialize,
  ReplaySubject,
  startWith,
  type Subscription,
} from 'rxjs';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { firstWithin } from '../../demo/firstWithin.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import { mintToken } from '../../demo/participants/mintToken.js';
import { toneDbfs } from '../../demo/toneRecognizer.js';
import { loadSettings } from '../../lib/config.js';
import { rtcConfiguration } from '../../lib/rtcConfiguration.js';
import { fromAudioTrack } from '../../streams/fromAudioTrack.js';
import { fromSubscribedTracks, type SubscribedTrack } from '../../streams/fromSubscribedTracks.js';
import {
  openOvertakenSignal,
  type OvertakenSignal,
  type Said,
} from '../support/overtakenSignal.js';
import { openScene, type Scene, SOON } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';
import { withPatience } from '../support/withPatience.js';

const isCaller = ({ kind }: RemoteParticipant) => kind !== ParticipantKind.AGENT;

describe('fromSubscribedTracks', () => {
  const server = useLiveKitServer();
  let assets: AssetServer;
  let scene: Scene;
  let room: Room;
  let voices: ReplaySubject<SubscribedTrack>;
  let following: Subscription;

  before(async () => {
    assets = await startAssetServer();
  });
  after(() => assets.close());
  beforeEach(async () => {
    scene = await openScene(server(), assets);
  });
  afterEach(async () => {
    following.unsubscribe();
    await withPatience(room.disconnect());
    await scene.close();
  });

  /** A bot joins as the product does, which subscribes to nothing by itself, and follows voices. */
  const joinBot = async ({ url } = server()) => {
    const token = await mintToken(server(), {
      room: scene.service.room,
      identity: 'bot',
      kind: 'agent',
    });
    room = new Room();
    const rtcConfig = rtcConfiguration({ iceServers: 'none' } as ReturnType<typeof loadSettings>);
    await room.connect(url, token, {
      autoSubscribe: false,
      dynacast: false,
      rtcConfig: rtcConfig!,
    });
    follow();
  };
  const follow = () => {
    voices = new ReplaySubject(Infinity);
    following = fromSubscribedTracks(room, isCaller).subscribe(voices);
  };
  const speaking = async (identity: string, hz = 440, kind: 'sip' | 'agent' = 'sip') => {
    const person = await scene.join(identity, { kind });
    await person.speak(hz);
    return person;
  };
  /** Somebody's voice; the `nth` one that was emitted of them, from 0 on. */
  const voiceOf = (identity: string, nth = 0) =>
    firstWithin(
      voices.pipe(
        filter(({ participant }) => participant.identity === identity),
        filter((_, index) => index === nth),
      ),
      SOON,
      `voice ${nth} of ${identity}`,
    );
  const soon = () => ({ signal: AbortSignal.timeout(SOON) });
  const heard = () => seenSoFar(voices).map(({ participant }) => participant.identity);
  const publicationsOf = (identity: string) => [
    ...(room.remoteParticipants.get(identity)?.trackPublications.values() ?? []),
  ];
  /** The bot is told of a track once the first sound of it is there, which may take its time. */
  const published = (identity: string) =>
    firstWithin(
      fromEvent(room, RoomEvent.TrackPublished).pipe(
        startWith(undefined),
        map(() => publicationsOf(identity).length),
        filter((tracks) => tracks > 0),
      ),
      SOON,
      `a track of ${identity}`,
    );
  const sound = (track: RemoteTrack) => fromAudioTrack(room, track, () => undefined);
  const tone = (track: RemoteTrack, hz: number) =>
    firstWithin(
      sound(track).pipe(filter(({ samples }) => toneDbfs(samples, hz, 16_000) > -30)),
      SOON,
      `${hz} Hz`,
    );
  /** Settles when the sound of a track ends, and says how. */
  const ended = (track: RemoteTrack) =>
    firstWithin(
      sound(track).pipe(ignoreElements(), materialize()),
      SOON,
      'the end of the track',
    ).then(({ kind }) => kind);
  const reconnected = async (whose: Room, scenario: SimulateScenarioKind) => {
    const done = once(whose, RoomEvent.Reconnected, soon());
    await whose.simulateScenario(scenario);
    await done;
  };
  const shareScreen = async (person: DemoParticipant) => {
    const track = LocalAudioTrack.createAudioTrack('screen', new AudioSource(48_000, 1));
    const options = new TrackPublishOptions({ source: TrackSource.SOURCE_SCREENSHARE_AUDIO });
    await person.room.localParticipant!.publishTrack(track, options);
  };

  it('should give the voices of those who are there already, and of nobody else', async () => {
    await speaking('assistant', 550, 'agent');
    await speaking('caller', 440);
    await joinBot();
    await published('assistant');
    const { track, publication, participant } = await voiceOf('caller');
    expect(publication).to.include({ track, subscribed: true });
    expect(participant).to.equal(room.remoteParticipants.get('caller'));
    await tone(track, 440);
    expect(publicationsOf('assistant').map(({ subscribed }) => subscribed)).to.deep.equal([false]);
    expect(heard()).to.deep.equal(['caller']);
  });

  it('should give the voices of those who publish or join later', async () => {
    const caller = await scene.join('caller');
    await joinBot();
    await caller.speak(440);
    await tone((await voiceOf('caller')).track, 440);
    await speaking('assistant', 550, 'agent');
    await published('assistant');
    await speaking('late', 660);
    await tone((await voiceOf('late')).track, 660);
    expect(publicationsOf('assistant').map(({ subscribed }) => subscribed)).to.deep.equal([false]);
    expect(heard()).to.deep.equal(['caller', 'late']);
  });

  it('should not give the sound of a shared screen', async () => {
    const caller = await scene.join('caller');
    await shareScreen(caller);
    await joinBot();
    await published('caller');
    await shareScreen(await scene.join('late'));
    await published('late');
    await caller.speak(440);
    const { publication } = await voiceOf('caller');
    const others = ['caller', 'late']
      .flatMap(publicationsOf)
      .filter(({ sid }) => sid !== publication.sid);
    expect(others.map(({ subscribed }) => subscribed)).to.deep.equal([false, false]);
    expect(heard()).to.deep.equal(['caller']);
  });

  it('should give a voice anew that is published anew; the one before ends', async () => {
    const caller = await speaking('caller');
    await joinBot();
    const before = await voiceOf('caller');
    const end = ended(before.track);
    await caller.unpublish();
    expect(await end).to.equal('C');
    await caller.speak(660);
    const { track, publication } = await voiceOf('caller', 1);
    expect(publication.sid).not.to.equal(before.publication.sid);
    await tone(track, 660);
  });

  it('should give the voice anew of somebody who connects anew', async function () {
    // On a busy machine rtc-node 0.13.35 loses a track in some of its rebuilt connections: here the
    // caller's own, about one in fifty.
    this.retries(2);
    const caller = await speaking('caller');
    await joinBot();
    const before = await voiceOf('caller');
    const end = ended(before.track);
    await reconnected(caller.room, SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    expect(await end).to.equal('C');
    await tone((await voiceOf('caller', 1)).track, 440);
  });

  it('should give every voice anew when the bot itself connects anew, once each', async () => {
    await speaking('caller', 440);
    await speaking('colleague', 660);
    await joinBot();
    const ends = [
      ended((await voiceOf('caller')).track),
      ended((await voiceOf('colleague')).track),
    ];
    await reconnected(room, SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    expect(await Promise.all(ends)).to.deep.equal(['C', 'C']);
    await tone((await voiceOf('caller', 1)).track, 440);
    await tone((await voiceOf('colleague', 1)).track, 660);
    await speaking('late', 550);
    await voiceOf('late');
    expect(heard().toSorted()).to.deep.equal([
      'caller',
      'caller',
      'colleague',
      'colleague',
      'late',
    ]);
  });

  it('should give whoever has begun to speak while the bot was away', async () => {
    const caller = await scene.join('caller');
    await joinBot();
    const back = once(room, RoomEvent.Reconnected, soon());
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    await caller.speak(440);
    await back;
    await tone((await voiceOf('caller')).track, 440);
  });

  it('should subscribe to nothing any more once unsubscribed, and end what it gave', async () => {
    const caller = await speaking('caller');
    await joinBot();
    const { track, publication } = await voiceOf('caller');
    const end = ended(track);
    following.unsubscribe();
    expect(await end).to.equal('C');
    expect(publication.subscribed).to.equal(false);
    const published = once(room, RoomEvent.TrackPublished, soon());
    await shareScreen(caller);
    await published;
    await speaking('late');
    expect(publicationsOf('caller').map(({ subscribed }) => subscribed)).to.deep.equal([
      false,
      false,
    ]);
  });

  it('should give the voices again to one who subscribes again', async () => {
    await speaking('caller');
    await joinBot();
    const end = ended((await voiceOf('caller')).track);
    following.unsubscribe();
    await end;
    follow();
    await tone((await voiceOf('caller')).track, 440);
  });

  it('should give the voices again even to one who subscribes again at once', async () => {
    await speaking('caller');
    await joinBot();
    for (let times = 0; times < 5; times += 1) {
      await tone((await voiceOf('caller')).track, 440);
      following.unsubscribe();
      follow();
    }
    await tone((await voiceOf('caller')).track, 440);
  });

  describe('where of two requests the second arrives first', () => {
    let wire: OvertakenSignal;
    afterEach(() => wire.close());
    /** Joins a bot over a wire on which the first request for a voice, or against one, is slow. */
    const joinWhereSlow = async (subscribe: boolean) => {
      await speaking('caller');
      wire = await openOvertakenSignal(
        server().url,
        (said) =>
          wire.overtaken() === 0 &&
          said.case === 'subscription' &&
          said.value.subscribe === subscribe,
      );
      await joinBot({ ...server(), url: wire.url });
    };

    it('should give the voices to one who unsubscribes and subscribes again', async () => {
      await joinWhereSlow(false);
      await voiceOf('caller');
      following.unsubscribe();
      follow();
      await tone((await voiceOf('caller')).track, 440);
      expect(wire.overtaken()).to.equal(1);
    });

    it('should subscribe to nothing for one who subscribes and unsubscribes again', async () => {
      await joinWhereSlow(true);
      const isAsked = ({ case: kind }: Said) => kind === 'subscription';
      await firstWithin(wire.said.pipe(filter(isAsked)), SOON, 'the request');
      const subscribed = once(room, RoomEvent.TrackSubscribed, soon());
      const unsubscribed = once(room, RoomEvent.TrackUnsubscribed, soon());
      following.unsubscribe();
      await subscribed;
      expect(wire.overtaken()).to.equal(1);
      await unsubscribed;
    });
  });

  it('should listen to the room only while it is subscribed to', async () => {
    await joinBot();
    following.unsubscribe();
    const listeners = () => Object.values(RoomEvent).map((name) => room.listenerCount(name));
    const before = listeners();
    follow();
    expect(listeners()).not.to.deep.equal(before);
    following.unsubscribe();
    expect(listeners()).to.deep.equal(before);
  });

  it('should be unsubscribed from without harm when the room is left', async () => {
    await speaking('caller');
    await joinBot();
    const end = ended((await voiceOf('caller')).track);
    await room.disconnect();
    following.unsubscribe();
    expect(await end).to.equal('C');
  });
});
