import { expect } from 'chai';
import { MPEGDecoder } from 'mpg123-decoder';

import { type Mp3Options, toneMp3, type ToneSegment } from '../../demo/toneMp3.js';
import { levelDbfs, toneDbfs } from '../../demo/toneRecognizer.js';

async function decode(mp3: Uint8Array) {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  const { channelData, sampleRate, errors } = decoder.decode(mp3);
  decoder.free();
  const samples = Int16Array.from(channelData[0]!, (value) => 32_767 * value);
  return { samples, sampleRate, errors };
}

describe('toneMp3', () => {
  const formats: Mp3Options[] = [
    {},
    { sampleRate: 8_000, bitrate: 32 },
    { sampleRate: 16_000, bitrate: 32 },
    { sampleRate: 22_050, channels: 2, bitrate: 64 },
    { sampleRate: 48_000, channels: 2, bitrate: 320 },
  ];
  for (const format of formats) {
    it(`should make a decodable tone with ${JSON.stringify(format)}`, async () => {
      const { samples, sampleRate, errors } = await decode(
        await toneMp3([{ hz: 600, ms: 1_000 }], format),
      );
      expect(errors).to.deep.equal([]);
      expect(sampleRate).to.equal(format.sampleRate ?? 44_100);
      expect(samples.length / sampleRate).to.be.within(1, 1.4);
      const middle = samples.slice(sampleRate / 2, sampleRate / 2 + sampleRate / 50);
      expect(toneDbfs(middle, 600, sampleRate)).to.be.closeTo(-9, 1);
    });
  }

  it('should put one segment after the other', async () => {
    const segments: ToneSegment[] = [
      { hz: 425, ms: 400 },
      { hz: 0, ms: 400 },
      { hz: 1_000, ms: 400 },
    ];
    const { samples, sampleRate } = await decode(await toneMp3(segments, { sampleRate: 48_000 }));
    const at = (ms: number) => samples.slice(ms * 48, ms * 48 + 960);
    expect(toneDbfs(at(200), 425, sampleRate)).to.be.closeTo(-9, 1);
    expect(levelDbfs(at(600))).to.be.below(-60);
    expect(toneDbfs(at(1_000), 1_000, sampleRate)).to.be.closeTo(-9, 1);
  });

  it('should make the file as large as the bitrate says', async () => {
    const mp3 = await toneMp3([{ hz: 425, ms: 10_000 }], { bitrate: 128 });
    expect(mp3.length).to.be.within(160_000, 162_000);
  });
});
