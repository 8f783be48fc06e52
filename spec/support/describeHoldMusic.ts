import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { type LiveKitServer, startLiveKitServer } from '../../demo/livekitServer.js';
import { busyThreads } from './busyThreads.js';
import { longestGap } from './longestGap.js';
import { playedSound } from './playedSound.js';
import { type RecordedListener, recordedListener } from './recordedListener.js';
import { openScene, type Scene, SOON } from './scene.js';

const MUSIC = readFileSync(new URL('../../demo/assets/hold-music.mp3', import.meta.url));
/** What Opus makes of silence, and the end of a fade, are below: -66 dBFS. */
const QUIET = 16;
const FADE = 960;
const TICK = 480;
const SECOND = 48_000;
/** The resampler dithers: it brings no two copies of a signal to the very same 16 bits. */
const DITHER = 4;

const isSame = (a: number, b: number) => Math.abs(a - b) <= DITHER;

/** Where one pass of the music begins in a recording: the source plays 10 ms at a time. */
function beginning(recording: Int16Array, music: Int16Array): number {
  const bar = music.subarray(FADE, FADE + SECOND);
  for (let at = 0; at < recording.length; at += TICK) {
    if (bar.every((sample, n) => isSame(recording[at + FADE + n]!, sample))) return at;
  }
  return -1;
}

/**
 * Hold music that is played to one listener for a while, with two processors kept busy, while
 * another listener is played one asset after the other that nobody has asked for before.
 */
export function describeHoldMusic(seconds: number): void {
  describe(`golden audio: ${seconds} s of hold music on a busy machine`, function () {
    this.timeout((seconds + 60) * 1_000);
    let server: LiveKitServer;
    let assets: AssetServer;
    let scene: Scene;
    let music: Int16Array;
    let coldPlays = 0;
    let sent: Int16Array;
    let heard: Int16Array;

    before(async () => {
      music = await playedSound(MUSIC);
      server = await startLiveKitServer();
      assets = await startAssetServer({ music: { body: MUSIC } });
      scene = await openScene(server, assets);
      const bot = await scene.startBot();
      const caller = await recordedListener(scene, bot, 'caller');
      await scene.join('other');
      const release = busyThreads(2);
      await listen(caller).finally(release);
      await caller.close();
      [sent, heard] = [caller.sent.samples(), caller.heard.samples()];
    });
    after(async () => {
      await scene.close();
      await assets.close();
      await server.stop();
    });

    async function play(identity: string, asset: string): Promise<void> {
      const id = await scene.service.play(identity, { url: assets.urlOf(asset), loop: true });
      await scene.service.answer(identity, id, SOON, 'playing');
    }
    async function listen({ sent: recording }: RecordedListener): Promise<void> {
      await play('caller', 'music');
      const end = recording.length + seconds * SECOND;
      for (; recording.length < end; coldPlays++) {
        assets.put(`cold-${coldPlays}`, { body: MUSIC, headers: { 'Cache-Control': 'no-store' } });
        await play('other', `cold-${coldPlays}`);
        await recording.reaches(Math.min(recording.length + SECOND, end));
      }
    }

    it('should play the music sample by sample: without an underrun', () => {
      const begin = beginning(sent, music);
      expect(begin, 'begins').to.be.at.least(0);
      const played = sent.subarray(begin + FADE);
      expect(played.length / SECOND, 'seconds').to.be.above(seconds - 1);
      const expected = (n: number) => music[(n + FADE) % music.length]!;
      const wrong = played.findIndex((sample, n) => !isSame(sample, expected(n)));
      expect(wrong, 'first wrong sample').to.equal(-1);
      expect(coldPlays, 'other assets meanwhile').to.be.above(seconds / 3);
    });

    it('should be heard without a silence that is not in the music', () => {
      const sound = heard.subarray(heard.findIndex((sample) => Math.abs(sample) > QUIET));
      expect(sound.length / SECOND, 'seconds').to.be.above(seconds - 1);
      const pause = longestGap(Int16Array.from([...music, ...music]), QUIET);
      expect(longestGap(sound, QUIET), 'ms').to.be.below(pause + 20);
    });
  });
}
