import '../../demo/participants/quietRtcNode.js';

import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { RoomServiceClient } from 'livekit-server-sdk';
import { lastValueFrom, type ReplaySubject } from 'rxjs';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import { loadSettings, type Settings } from '../../lib/config.js';
import { release } from '../../lib/release.js';
import { createRoomService } from '../../lib/roomService.js';
import type { Attributes } from '../../operators/types.js';
import { type ApiProxy, startApiProxy } from '../support/apiProxy.js';
import { recordedLogger } from '../support/recordedLogger.js';
import { openScene, type Scene, SOON } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const VOICE = 440;
/** What a target's map says; the rest of a command is always the same. */
const told = (change: Attributes): Attributes => ({
  'media.command': 'play',
  'media.asset_url': 'https://assets.example/a.mp3',
  'media.command_id': 'id',
  'media.status_command_id': 'id',
  ...change,
});
const ON_HOLD = told({ 'media.loop': 'true', 'media.status': 'playing', 'media.held': 'true' });
const GONE = {
  'media.status': 'failed',
  'media.status_command_id': 'id',
  'media.error': 'bot_gone: the media bot has left the room',
  'media.held': 'false',
};

describe('release', () => {
  const server = useLiveKitServer();
  let assets: AssetServer;
  let scene: Scene;
  let proxy: ApiProxy;
  let lines: ReplaySubject<string>;

  before(async () => {
    assets = await startAssetServer();
  });
  after(() => assets.close());
  beforeEach(async () => {
    scene = await openScene(server(), assets);
    proxy = await startApiProxy(server().url);
  });
  afterEach(async () => {
    await proxy.close();
    await scene.close();
  });

  const settingsWith = (change: Partial<Settings> = {}): Settings => ({
    ...loadSettings({
      LIVEKIT_URL: proxy.url,
      LIVEKIT_API_KEY: server().apiKey,
      LIVEKIT_API_SECRET: server().apiSecret,
      GROQ_API_KEY: 'key',
      DEEPGRAM_API_KEY: 'key',
      ELEVENLABS_API_KEY: 'key',
    }),
    ...change,
  });
  /** Releases the scene's room through the proxy; resolves when it is done. */
  const released = async (
    change: Partial<Settings> = {},
    request: { readonly roomName?: string; readonly api?: Partial<RoomServiceClient> } = {},
  ) => {
    const settings = settingsWith(change);
    const [logger, output] = recordedLogger('debug');
    lines = output;
    const api = Object.assign(createRoomService(settings.livekit, 10), request.api);
    const { roomName = scene.service.room } = request;
    return lastValueFrom(release({ api, roomName, identity: 'media-bot-gone', settings, logger }), {
      defaultValue: 'done',
    });
  };
  const find = (identity: string) =>
    scene.service.rooms.getParticipant(scene.service.room, identity);
  const attributesOf = async (identity: string) => (await find(identity)).attributes;
  const logged = () => seenSoFar(lines).map((line) => JSON.parse(line) as Record<string, unknown>);

  const join = async (identity: string, attributes: Attributes, hz?: number) => {
    const person = await scene.join(identity, { attributes });
    if (hz !== undefined) await person.speak(hz);
    return person;
  };
  const deafen = async (listener: DemoParticipant, from: string) => {
    const sids = (await find(from)).tracks.map(({ sid }) => sid);
    await scene.service.rooms.updateSubscriptions(
      scene.service.room,
      listener.identity,
      sids,
      false,
    );
    await listener.waitForSilence({ within: SOON });
  };

  it('should let somebody on hold hear again, and then say that the bot has gone', async () => {
    const caller = await join('caller', ON_HOLD);
    await join('colleague', {}, VOICE);
    await caller.waitForTone(VOICE, { within: SOON });
    await deafen(caller, 'colleague');
    expect(await released()).to.equal('done');
    await caller.waitForTone(VOICE, { within: SOON });
    expect(await attributesOf('caller')).to.deep.equal({ ...ON_HOLD, ...GONE });
    expect(await attributesOf('colleague')).to.deep.equal({});
    const asked = proxy.asked.filter((method) => method.startsWith('Update'));
    expect(asked.filter((method) => method !== 'UpdateSubscriptions')).to.have.length(1);
    expect(asked.at(-1)).to.equal('UpdateParticipant');
    // Twice, lest a request of the hold that is still on its way be the last word; and again where
    // an answer takes longer than 50 ms.
    expect(asked.length).to.be.at.least(3);
  });

  it('should leave everybody to another bot that is there', async () => {
    await join('caller', ON_HOLD);
    await scene.join('media-bot-other', { kind: 'agent' });
    expect(await released()).to.equal('done');
    expect(await attributesOf('caller')).to.deep.equal(ON_HOLD);
    expect(proxy.asked.filter((method) => method.startsWith('Update'))).to.deep.equal([]);
  });

  it('should give back what a hold has taken that was not told yet', async () => {
    const caller = await join('caller', told({ 'media.loop': 'true', 'media.status': 'playing' }));
    await join('colleague', {}, VOICE);
    await caller.waitForTone(VOICE, { within: SOON });
    await deafen(caller, 'colleague');
    await released();
    await caller.waitForTone(VOICE, { within: SOON });
  });

  it('should let somebody on hold be heard again where holds hide both ways', async () => {
    await join('caller', ON_HOLD, VOICE);
    const colleague = await join('colleague', {});
    await colleague.waitForTone(VOICE, { within: SOON });
    await deafen(colleague, 'caller');
    await released({ holdBothWays: true });
    await colleague.waitForTone(VOICE, { within: SOON });
  });

  it('should give back the permission that was taken, and leave the others', async () => {
    const error = 'isolation_failed: the server does not take it';
    const caller = await join('caller', { ...ON_HOLD, 'media.error': error });
    await join('colleague', {}, VOICE);
    await caller.waitForTone(VOICE, { within: SOON });
    const before = (await find('caller')).permission!;
    await scene.service.rooms.updateParticipant(scene.service.room, 'caller', {
      permission: Object.assign(before, { canSubscribe: false }),
    });
    await caller.waitForSilence({ within: SOON });
    await released();
    await caller.waitForTone(VOICE, { within: SOON });
    expect((await find('caller')).permission).to.deep.equal(
      Object.assign(before, { canSubscribe: true }),
    );
  });

  const cases: Readonly<Record<string, readonly [Attributes, 'told' | 'left alone']>> = {
    'hears a single shot': [told({ 'media.status': 'playing' }), 'told'],
    'hears the hold tone': [told({ 'media.loop': 'true', 'media.status': 'failed' }), 'told'],
    'is held, whatever else is said': [
      { 'media.status_command_id': 'id', 'media.held': 'true' },
      'told',
    ],
    'has heard a single shot to its end': [told({ 'media.status': 'ended' }), 'left alone'],
    'could not be played a single shot': [told({ 'media.status': 'failed' }), 'left alone'],
    'has been stopped': [
      told({ 'media.command': 'stop', 'media.status': 'stopped', 'media.held': 'false' }),
      'left alone',
    ],
    'was never commanded': [{ 'somebody.elses': 'attribute' }, 'left alone'],
  };
  it('should tell those who are served, and leave the others alone', async () => {
    const people = Object.entries(cases);
    await Promise.all(people.map(([identity, [attributes]]) => join(identity, attributes)));
    await released();
    for (const [identity, [attributes, outcome]] of people) {
      const expected = outcome === 'told' ? { ...attributes, ...GONE } : attributes;
      expect(await attributesOf(identity), identity).to.deep.equal(expected);
    }
  });

  it('should have nothing to do in a room that is gone, or where nobody is served', async () => {
    await join('caller', {});
    expect(await released()).to.equal('done');
    expect(await released({}, { roomName: 'no such room' })).to.equal('done');
    expect(proxy.asked).to.deep.equal(['ListParticipants', 'ListParticipants']);
    expect(logged()).to.deep.equal([]);
  });

  it('should pass over somebody who leaves meanwhile', async () => {
    await join('caller', ON_HOLD);
    const people = await scene.service.rooms.listParticipants(scene.service.room);
    await scene.service.rooms.removeParticipant(scene.service.room, 'caller');
    const api = { listParticipants: () => Promise.resolve(people) };
    expect(await released({}, { api })).to.equal('done');
    expect(logged()).to.deep.equal([]);
  });

  describe('where the server API fails', () => {
    it('should try again what failed', async () => {
      await join('caller', ON_HOLD);
      let attempts = 0;
      const { rooms } = scene.service;
      const updateParticipant: RoomServiceClient['updateParticipant'] = (room, identity, update) =>
        attempts++ === 0
          ? Promise.reject(new Error('scripted'))
          : rooms.updateParticipant(room, identity, update as { attributes: Attributes });
      await released({}, { api: { updateParticipant } });
      expect(await attributesOf('caller')).to.include(GONE);
      expect(attempts).to.equal(2);
    });

    it('should say so, and end, where it cannot be asked who is there', async () => {
      proxy.fail('error');
      expect(await released()).to.equal('done');
      expect(logged().map(({ message }) => message)).to.deep.equal(['room not released']);
    });

    it('should say that the bot is gone even where subscriptions cannot be given back', async () => {
      await join('caller', ON_HOLD);
      await join('busy', told({ 'media.status': 'playing' }), VOICE);
      proxy.fail('error', 'UpdateSubscriptions');
      await released();
      expect(await attributesOf('busy')).to.include(GONE);
    });

    it('should not take longer than 3 s', async () => {
      await join('caller', ON_HOLD);
      proxy.fail('hang');
      const started = performance.now();
      // A timer of the same event loop, which is as late as those of the product.
      const late = setTimeout(6_000, 'late', { ref: false });
      expect(await Promise.race([released(), late])).to.equal('done');
      expect(performance.now() - started).to.be.at.least(2_990);
    });
  });
});
