import { expect } from 'chai';
import { createSoxrResampler } from '../../../lib/engines/resampler.js';
import type { Hertz, PcmFrame, Samples } from '../../../operators/types.js';
import { frameOf, joinSamples, sineFrame } from '../../support/frames.js';

/** One second of a sine, pushed in frames of `length`. */
function resampleSine(frequency: Hertz, from: Hertz, length: Samples): readonly PcmFrame[] {
  const resampler = createSoxrResampler(from, 48_000);
  const { samples } = sineFrame(frequency, from, from);
  const frames: PcmFrame[] = [];
  for (let start = 0; start < samples.length; start += length) {
    const part = samples.slice(start, start + length);
    frames.push(...resampler.push({ samples: part, sampleRate: from }));
  }
  frames.push(...resampler.flush());
  resampler.close();
  return frames;
}

/** Signal to noise in dB, away from the filter's run-in at both ends. */
function snr(actual: Int16Array, expected: Int16Array): number {
  let [signal, noise] = [0, 0];
  for (let i = 4_800; i < 43_200; i++) {
    signal += expected[i]! ** 2;
    noise += (actual[i]! - expected[i]!) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe('createSoxrResampler', () => {
  for (const rate of [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100]) {
    it(`should bring ${rate} Hz to 48 kHz: same length, same phase, above 70 dB`, () => {
      const expected = sineFrame(1_000, 48_000).samples;
      for (const length of [rate / 100, 441, rate / 10, rate].map(Math.floor)) {
        const frames = resampleSine(1_000, rate, length);
        expect(frames.every(({ sampleRate }) => sampleRate === 48_000)).to.equal(true);
        const samples = joinSamples(frames);
        expect(samples, `pushes of ${length}`).to.have.length(48_000);
        expect(snr(samples, expected), `pushes of ${length}`).to.be.above(70);
      }
    });
  }

  it('should give frames that own their buffers', () => {
    for (const { samples } of resampleSine(1_000, 44_100, 4_410)) {
      expect(samples.byteLength).to.equal(samples.buffer.byteLength);
    }
  });

  it('should resample what a view shows, not what its buffer begins with', () => {
    const buffer = new Int16Array(44_100).fill(10_000).fill(-10_000, 22_050);
    const resampler = createSoxrResampler(44_100, 48_000);
    const pushed = resampler.push({ samples: buffer.subarray(22_050), sampleRate: 44_100 });
    const samples = joinSamples([...pushed, ...resampler.flush()]);
    resampler.close();
    expect(samples).to.have.length(24_000);
    expect(samples[12_000]).to.be.within(-10_010, -9_990);
  });

  it('should give nothing for nothing', () => {
    const resampler = createSoxrResampler(44_100, 48_000);
    expect(resampler.push(frameOf([], 44_100))).to.deep.equal([]);
    expect(joinSamples(resampler.flush())).to.have.length(0);
    resampler.close();
  });

  it('should refuse what is no sample rate', () => {
    for (const rate of [0, -1, 44_100.5, NaN, Infinity]) {
      expect(() => createSoxrResampler(rate, 48_000), `from ${rate}`).to.throw(RangeError);
      expect(() => createSoxrResampler(48_000, rate), `to ${rate}`).to.throw(RangeError);
    }
  });

  it('should refuse a frame of another rate', () => {
    const resampler = createSoxrResampler(44_100, 48_000);
    expect(() => resampler.push(frameOf([1], 22_050))).to.throw(RangeError, '22050 Hz');
    resampler.close();
  });

  it('should throw when used after close, which may come twice', () => {
    const resampler = createSoxrResampler(44_100, 48_000);
    resampler.close();
    resampler.close();
    expect(() => resampler.push(frameOf([1], 44_100))).to.throw('the resampler is closed');
    expect(() => resampler.flush()).to.throw('the resampler is closed');
  });
});
