import { once } from 'node:events';
import {
  LocalVideoTrack,
  type Room,
  RoomEvent,
  SimulateScenarioKind,
  TrackPublishOptions,
  VideoSource,
} from '@livekit/rtc-node';
import { expect } from 'chai';
import { filter, map, ReplaySubject, skip } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import type { TokenRequest } from '../../demo/participants/mintToken.js';
import type { RoomAudio } from '../../operators/isolationPlan.js';
import { fromParticipants } from '../../streams/fromParticipants.js';
import { fromRoomAudio } from '../../streams/fromRoomAudio.js';
import { type Scene, SOON } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { useScene } from '../support/useScene.js';

/** In words: `caller:1 colleague:0` where the caller publishes one track, and the colleague none. */
const inWords = ({ people, tracks }: RoomAudio): string =>
  people
    .map(({ identity }) => {
      const own = tracks.filter(({ owner }) => owner === identity);
      return `${identity}:${own.length}`;
    })
    .sort()
    .join(' ');

describe('fromRoomAudio', () => {
  const stage = useScene(undefined, { microphones: false });
  let scene: Scene;
  let room: Room;

  beforeEach(() => {
    scene = stage.scene();
  });

  const audio = () => fromRoomAudio(room, fromParticipants(room), 'media-bot');
  /** The bot joins, and sees these: a track of others is there for it once the first sound of it is. */
  const joinBot = async (words?: string): Promise<DemoParticipant> => {
    const bot = await scene.join('bot', { kind: 'agent' });
    ({ room } = bot);
    const isThere = (seen: RoomAudio) => words === undefined || inWords(seen) === words;
    await firstWithin(audio().pipe(filter(isThere)), SOON, words ?? 'the room');
    return bot;
  };
  /** Every state so far and to come. */
  const follow = () => {
    const states = new ReplaySubject<RoomAudio>(Infinity);
    audio().subscribe(states);
    return states;
  };
  const state = (states: ReplaySubject<RoomAudio>, words: string) =>
    firstWithin(states.pipe(filter((seen) => inWords(seen) === words)), SOON, words);
  const wordsOf = (states: ReplaySubject<RoomAudio>) => seenSoFar(states).map(inWords);
  const speaking = async (identity: string, request?: Partial<TokenRequest>) => {
    const person = await scene.join(identity, request);
    await person.speak(0);
    return person;
  };
  const sidsOf = ({ room: { localParticipant }, identity }: DemoParticipant) => ({
    person: { identity, sid: localParticipant!.sid!, isBot: false },
    tracks: [...localParticipant!.trackPublications.keys()].map((sid) => ({
      sid,
      owner: identity,
    })),
  });

  it('should begin with those who are there and their tracks, as of the subscription', async () => {
    const caller = sidsOf(await speaking('caller'));
    const colleague = sidsOf(await scene.join('colleague'));
    await joinBot('caller:1 colleague:0');
    const [first] = seenSoFar(audio());
    expect(first!.people).to.have.deep.members([caller.person, colleague.person]);
    expect(first!.tracks).to.have.length(1).and.deep.equal(caller.tracks);
  });

  it('should emit the whole state whenever a track is published or unpublished', async () => {
    const caller = await speaking('caller');
    await joinBot('caller:1');
    const states = follow();
    await caller.unpublish();
    await state(states, 'caller:0');
    const published = firstWithin(
      states.pipe(
        map(({ tracks: [track] }) => track?.sid),
        filter((sid) => sid !== undefined && sid !== seenSoFar(states)[0]!.tracks[0]!.sid),
      ),
      SOON,
      'another track',
    );
    await caller.speak(0);
    expect(await published).to.equal(sidsOf(caller).tracks[0]!.sid);
    expect(wordsOf(states)).to.deep.equal(['caller:1', 'caller:0', 'caller:1']);
  });

  it('should emit the whole state at arrivals, departures and removals', async () => {
    await joinBot();
    const states = follow();
    expect(wordsOf(states)).to.deep.equal(['']);
    const caller = await speaking('caller');
    await state(states, 'caller:1');
    await speaking('colleague');
    await state(states, 'caller:1 colleague:1');
    await caller.leave();
    await state(states, 'colleague:1');
    const later = states.pipe(skip(wordsOf(states).length));
    await scene.service.rooms.removeParticipant(scene.service.room, 'colleague');
    await firstWithin(later.pipe(filter(({ people }) => people.length === 0)), SOON, 'nobody');
  });

  it('should tell one stay of somebody from the next', async () => {
    const first = await speaking('caller');
    await joinBot();
    const states = follow();
    const again = await speaking('caller');
    const stay = (person: DemoParticipant) => {
      const { sid } = sidsOf(person).person;
      const isThere = ({ people }: RoomAudio) => people.some((one) => one.sid === sid);
      return firstWithin(states.pipe(filter(isThere)), SOON, 'a stay');
    };
    await stay(first);
    await stay(again);
    expect(seenSoFar(states).at(-1)!.people).to.have.length(1);
  });

  it("should leave out video, and the bot's own tracks", async () => {
    const caller = await speaking('caller');
    const bot = await joinBot('caller:1');
    const states = follow();
    await bot.speak(0);
    const source = new VideoSource(16, 16);
    const camera = LocalVideoTrack.createVideoTrack('camera', source);
    const published = once(room, RoomEvent.TrackPublished);
    await caller.room.localParticipant!.publishTrack(camera, new TrackPublishOptions());
    await published;
    expect(room.remoteParticipants.get('caller')!.trackPublications.size).to.equal(2);
    expect(new Set(wordsOf(states))).to.deep.equal(new Set(['caller:1']));
    await source.close();
  });

  const attributes = { 'lk.agent_name': 'media-bot' };
  const strangers: Readonly<Record<string, readonly [boolean, string, Partial<TokenRequest>]>> = {
    'an agent of its own name': [true, 'agent-1', { kind: 'agent', attributes }],
    'an agent that is named like a media bot': [true, 'media-bot-1', { kind: 'agent' }],
    'another agent': [
      false,
      'agent-2',
      { kind: 'agent', attributes: { 'lk.agent_name': 'scribe' } },
    ],
    'a person who is named like a media bot': [false, 'media-bot-2', { kind: 'standard' }],
    'a caller who is named like a media bot': [false, 'media-bot-3', { kind: 'sip' }],
    "a person with the media bot's attribute": [false, 'agent-3', { kind: 'standard', attributes }],
  };
  for (const [what, [isBot, identity, request]] of Object.entries(strangers)) {
    it(`should ${isBot ? '' : 'not '}take ${what} for a media bot`, async () => {
      await scene.join(identity, request);
      await joinBot();
      const [{ people }] = seenSoFar(audio()) as [RoomAudio];
      expect(people.map((person) => [person.identity, person.isBot])).to.deep.equal([
        [identity, isBot],
      ]);
    });
  }

  it('should emit the whole state as soon as the connection of the bot is back', async () => {
    await speaking('caller');
    await speaking('colleague');
    await joinBot('caller:1 colleague:1');
    const states = follow();
    const reconnected = once(room, RoomEvent.Reconnected);
    // What is told late of the tracks that were gone may be out just before.
    let before = 0;
    room.prependOnceListener(RoomEvent.Reconnected, () => (before = wordsOf(states).length));
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    await reconnected;
    expect(wordsOf(states)).to.have.length(before + 1);
    expect(new Set(wordsOf(states))).to.deep.equal(new Set(['caller:1 colleague:1']));
  });

  it('should emit nothing else while the connection is being built anew', async () => {
    const caller = await speaking('caller');
    await speaking('colleague');
    await joinBot('caller:1 colleague:1');
    const states = follow();
    const reconnected = once(room, RoomEvent.Reconnected);
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    await reconnected;
    // What is told late of an unpublication after it all is the last that there is to wait for.
    await caller.unpublish();
    await state(states, 'caller:0 colleague:1');
    expect([...new Set(wordsOf(states))]).to.deep.equal([
      'caller:1 colleague:1',
      'caller:0 colleague:1',
    ]);
  });

  it('should listen to the room only while it is subscribed to', async () => {
    await joinBot();
    const listeners = () => Object.values(RoomEvent).map((name) => room.listenerCount(name));
    const before = listeners();
    const subscription = audio().subscribe();
    expect(listeners()).not.to.deep.equal(before);
    subscription.unsubscribe();
    expect(listeners()).to.deep.equal(before);
  });
});
