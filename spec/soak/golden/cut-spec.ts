import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type AssetServer, startAssetServer } from '../../../demo/assetServer.js';
import { type LiveKitServer, startLiveKitServer } from '../../../demo/livekitServer.js';
import { busyThreads } from '../../support/busyThreads.js';
import { clicks } from '../../support/clicks.js';
import { readTone, TONE_48K } from '../../support/goldenTones.js';
import { longestGap } from '../../support/longestGap.js';
import { type RecordedListener, recordedListener } from '../../support/recordedListener.js';
import { openScene, type Scene, SOON } from '../../support/scene.js';
import { seededRandom } from '../../support/seededRandom.js';
import { soundOf } from '../../support/soundOf.js';

const { name, hz } = TONE_48K;
const ROUNDS = 30;
/** Of the tone, at a gain of 0.6: sox makes it -9 dBFS, LAME takes 5 % off. */
const PEAK = 6_629;
const MS = 48;

describe('golden audio: start, stop and replacement', function () {
  this.timeout(60_000);
  let server: LiveKitServer;
  let assets: AssetServer;
  let scene: Scene;
  let listener: RecordedListener;
  const random = seededRandom(1);

  before(async () => {
    server = await startLiveKitServer();
    const headers = { 'Cache-Control': 'max-age=600' };
    assets = await startAssetServer({ [name]: { body: readTone(TONE_48K), headers } });
  });
  after(async () => {
    await assets.close();
    await server.stop();
  });
  beforeEach(async () => {
    scene = await openScene(server, assets);
    listener = await recordedListener(scene, await scene.startBot(), 'caller');
  });
  afterEach(async () => {
    await listener.close();
    await scene.close();
  });

  /** Starts the tone, and lets it play for a while that has nothing to do with any clock of the bot. */
  async function play(): Promise<void> {
    const id = await scene.service.play('caller', { url: assets.urlOf(name), loop: true });
    await scene.service.answer('caller', id, SOON, 'playing');
    await sleep(250 * random());
  }
  async function stop(): Promise<void> {
    const id = await scene.service.stop('caller');
    await scene.service.answer('caller', id, SOON, 'stopped');
    await listener.sent.reaches(listener.sent.length + 60 * MS);
  }
  async function rounds(...steps: (() => Promise<void>)[]): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) for (const step of steps) await step();
  }
  const sentClicks = () => clicks(listener.sent.samples(), hz, PEAK / 20);
  const heardClicks = () => clicks(listener.heard.samples(), hz, PEAK / 5);
  const dips = () => countDips(listener.sent.samples());

  it('should rise within 20 ms and fall within 20 ms, at equal power', async () => {
    await play();
    await stop();
    const sound = soundOf(listener.sent.samples());
    const risen = (ms: number) => peakAround(sound, ms * MS);
    const left = (ms: number) => peakAround(sound, sound.length - ms * MS);
    expect(risen(10)).to.be.closeTo(Math.SQRT1_2, 0.1);
    expect(left(10)).to.be.closeTo(Math.SQRT1_2, 0.1);
    expect(risen(22)).to.be.closeTo(1, 0.05);
    expect(left(22)).to.be.closeTo(1, 0.05);
  });

  it('should stop from the sample that would have been next, at any moment', async () => {
    await rounds(play, stop);
    expect(dips(), 'silence before, then stops').to.equal(1 + ROUNDS);
    expect(sentClicks()).to.deep.equal([]);
    expect(heardClicks()).to.deep.equal([]);
  });

  it('should replace from the sample that would have been next, at any moment', async () => {
    await rounds(play);
    await stop();
    expect(dips(), 'silence before, then replacements and a stop').to.equal(1 + ROUNDS);
    const pause = longestGap(soundOf(listener.sent.samples()), PEAK / 3);
    expect(pause, 'ms from one fade to the next').to.be.below(60);
    expect(sentClicks()).to.deep.equal([]);
    expect(heardClicks()).to.deep.equal([]);
  });

  it('should do so on a busy machine too', async () => {
    const release = busyThreads(2);
    await rounds(play, stop).finally(release);
    expect(dips(), 'silence before, then stops').to.equal(1 + ROUNDS);
    expect(sentClicks()).to.deep.equal([]);
  });
});

/** Peak within 3 ms, more than one period of the tone; 1 is the tone at its full level. */
function peakAround(sound: Int16Array, at: number): number {
  return Math.max(...sound.slice(at - 1.5 * MS, at + 1.5 * MS).map(Math.abs)) / PEAK;
}

/** How often the tone stays below a third of its level for more than a period of it. */
function countDips(sound: Int16Array): number {
  let [dips, quiet] = [0, 0];
  for (const sample of sound) {
    quiet = Math.abs(sample) < PEAK / 3 ? quiet + 1 : 0;
    if (quiet === 3 * MS) dips++;
  }
  return dips;
}
