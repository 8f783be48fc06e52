import { readFile } from 'node:fs/promises';

import { expect } from 'chai';
import { MPEGDecoder } from 'mpg123-decoder';

import { createMusicRecognizer, type MusicRecognizer } from '../../demo/musicRecognizer.js';
import { sine } from '../support/sine.js';

describe('musicRecognizer', function () {
  this.timeout(30_000);
  let recognize: MusicRecognizer;
  let piece: Int16Array;

  before(async () => {
    const mp3 = await readFile(new URL('../../demo/assets/hold-music.mp3', import.meta.url));
    recognize = await createMusicRecognizer(mp3);
    const decoder = new MPEGDecoder();
    await decoder.ready;
    const { channelData, sampleRate } = decoder.decode(mp3);
    decoder.free();
    const left = channelData[0]!;
    piece = Int16Array.from(
      { length: 30 * 48_000 },
      (_, n) => 32_767 * left[Math.floor((n * sampleRate) / 48_000)]!,
    );
  });

  it('should find a second of the piece where it is, however quiet', async () => {
    const quiet = piece.slice(12 * 48_000, 13 * 48_000).map((sample) => sample * 0.1);
    const { similarity, positionMs } = await recognize(quiet);
    expect(similarity).to.be.above(0.9);
    expect(positionMs).to.be.closeTo(12_000, 2);
  });

  it('should find the seam of the loop', async () => {
    const seam = Int16Array.of(...piece.slice(-24_000), ...piece.slice(0, 24_000));
    const { similarity, positionMs } = await recognize(seam);
    expect(similarity).to.be.above(0.9);
    expect(positionMs).to.be.closeTo(29_500, 2);
  });

  it('should not find what is not in it', async () => {
    const backwards = piece.slice(12 * 48_000, 13 * 48_000).reverse();
    expect((await recognize(backwards)).similarity).to.be.below(0.5);
    expect((await recognize(sine(425, 1_000))).similarity).to.be.below(0.5);
    expect((await recognize(new Int16Array(48_000))).similarity).to.equal(0);
  });
});
