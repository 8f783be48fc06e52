import { expect } from 'chai';
import { type AssetServer, startAssetServer } from '../../../demo/assetServer.js';
import { type LiveKitServer, startLiveKitServer } from '../../../demo/livekitServer.js';
import { carriesTone, levelDbfs } from '../../../demo/toneRecognizer.js';
import { clicks } from '../../support/clicks.js';
import {
  type GoldenTone,
  readTone,
  TONE_44K,
  TONE_48K,
  TONE_UNEVEN,
} from '../../support/goldenTones.js';
import { longestGap } from '../../support/longestGap.js';
import { decodeFile } from '../../support/mp3Files.js';
import { phases } from '../../support/phases.js';
import { recordedListener } from '../../support/recordedListener.js';
import { openScene, type Scene, SOON } from '../../support/scene.js';
import { soundOf } from '../../support/soundOf.js';
import type { RunningCall } from '../../support/startCall.js';

const TONES = [TONE_48K, TONE_44K, TONE_UNEVEN];
const PASSES = 200;
/** Of the tones, at a gain of 0.6: sox makes them -9 dBFS, LAME takes 5 % off. */
const PEAK = 6_629;
/** The fades at both ends, and a little of Opus' own. */
const EDGE = 2_400;

interface Recorded {
  readonly sent: Int16Array;
  readonly heard: Int16Array;
}

describe('golden audio: 200 passes of a short loop', function () {
  this.timeout(120_000);
  let server: LiveKitServer;
  let assets: AssetServer;
  let scene: Scene;
  let recorded: readonly Recorded[];

  before(async () => {
    server = await startLiveKitServer();
    assets = await startAssetServer();
    scene = await openScene(server, assets);
    const bot = await scene.startBot();
    recorded = await Promise.all(TONES.map((tone) => record(tone, bot)));
  });
  after(async () => {
    await scene.close();
    await assets.close();
    await server.stop();
  });

  /** The sound, at both ends, of one who is played a tone for so many passes and a little. */
  async function record(tone: GoldenTone, bot: RunningCall): Promise<Recorded> {
    const { name, length } = tone;
    assets.put(name, { body: readTone(tone) });
    const listener = await recordedListener(scene, bot, name);
    const play = await scene.service.play(name, { url: assets.urlOf(name), loop: true });
    await scene.service.answer(name, play, SOON, 'playing');
    await listener.heard.reaches(listener.heard.length + (PASSES + 1) * length + EDGE);
    const stop = await scene.service.stop(name);
    await scene.service.answer(name, stop, SOON, 'stopped');
    await listener.heard.reaches(listener.heard.length + 24_000);
    await listener.close();
    const [sent, heard] = [listener.sent.samples(), listener.heard.samples()];
    return { sent: soundOf(sent), heard: soundOf(heard) };
  }

  for (const [index, tone] of TONES.entries()) {
    const sent = () => recorded[index]!.sent;
    const heard = () => recorded[index]!.heard;

    describe(tone.name, () => {
      it('should play every pass like the one before, sample by sample', () => {
        const passes = sent().subarray(EDGE, -EDGE);
        expect(passes.length / tone.length).to.be.above(PASSES);
        const again = passes.subarray(tone.length);
        expect(again.findIndex((sample, at) => sample !== passes[at])).to.equal(-1);
      });

      it('should break the tone nowhere: not at a seam, the start or the stop', () => {
        expect(clicks(sent(), tone.hz, PEAK / 20)).to.deep.equal([]);
      });

      it('should keep its phase over all passes', () => {
        const found = phases(sent().subarray(EDGE, -EDGE), tone.hz);
        const deviation = Math.max(...found) - Math.min(...found);
        expect(deviation / PASSES, 'radians per pass').to.be.below(tone.radiansPerSeam);
      });

      it('should be heard as long as it was played, without a gap of 3 ms', () => {
        expect(Math.abs(heard().length - sent().length) / 48, 'ms').to.be.below(100);
        expect(longestGap(heard().subarray(EDGE, -EDGE), PEAK / 20), 'ms').to.be.below(3);
      });

      it('should be heard as a pure tone, without a click', () => {
        expect(clicks(heard(), tone.hz, PEAK / 5)).to.deep.equal([]);
        const windows = windowsOf(heard().subarray(EDGE, -EDGE));
        expect(windows.filter((window) => !carriesTone(window, tone.hz, 0.95))).to.deep.equal([]);
      });

      it('should be heard at 0.6 of the level of the asset', async () => {
        const { samples } = await decodeFile(readTone(tone));
        const expected = levelDbfs(samples) + 20 * Math.log10(0.6);
        expect(levelDbfs(heard().subarray(EDGE, -EDGE))).to.be.closeTo(expected, 1);
      });
    });
  }
});

/** 20 ms each. */
function windowsOf(sound: Int16Array): Int16Array[] {
  return Array.from({ length: Math.floor(sound.length / 960) }, (_, index) =>
    sound.subarray(index * 960, (index + 1) * 960),
  );
}
