import { expect } from 'chai';
import { repeat, take, type Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { levelDbfs, toneDbfs } from '../../demo/toneRecognizer.js';
import { holdTone } from '../../operators/holdTone.js';
import type { PcmFrame } from '../../operators/types.js';
import { collect } from '../support/collect.js';
import { joinSamples } from '../support/frames.js';
import { createTestScheduler } from '../support/testScheduler.js';

const MS = 48;
const heard = (source: Observable<PcmFrame>) => joinSamples(collect(source));

describe('holdTone', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should give one period at once, in frames of 100 ms', () => {
    rxTest.run(({ expectObservable }) => {
      const frames = Object.fromEntries(collect(holdTone()).map((frame, n) => [n, frame]));
      expectObservable(holdTone().pipe(take(3))).toBe('(012|)', frames);
    });
    const frames = collect(holdTone());
    expect(frames.length).to.equal(40);
    for (const { samples, sampleRate } of frames) {
      expect([samples.length, sampleRate]).to.deep.equal([4_800, 48_000]);
      expect(samples.byteLength, 'owns its buffer').to.equal(samples.buffer.byteLength);
    }
  });

  it('should be a second of two tones of one level, then silence', () => {
    const period = heard(holdTone());
    const plateau = period.slice(300 * MS, 700 * MS);
    expect(levelDbfs(plateau)).to.be.closeTo(-26, 0.1);
    for (const hz of [660, 880]) expect(toneDbfs(plateau, hz)).to.be.closeTo(-29, 0.1);
    expect(period.slice(1_000 * MS).every((sample) => sample === 0)).to.equal(true);
  });

  it('should swell and fade: no step is larger than the tone itself makes', () => {
    const loop = heard(holdTone().pipe(repeat(2)));
    const steepest = 1_642 * 2 * Math.PI * ((660 + 880) / 48_000);
    const steps = loop.slice(1).map((sample, n) => Math.abs(sample - loop[n]!));
    expect(steps.every((step) => step <= steepest + 1)).to.equal(true);
    const peak = (from: number) => Math.max(...loop.slice(from * MS, (from + 20) * MS));
    expect([0, 80, 160, 240].map(peak)).to.satisfy(isRising);
    expect([980, 900, 820, 740].map(peak)).to.satisfy(isRising);
  });

  it('should give every listener frames of their own', () => {
    const [one, two] = [collect(holdTone()), collect(holdTone())];
    expect(one).to.deep.equal(two);
    one.forEach((frame, n) => expect(frame.samples.buffer).to.not.equal(two[n]!.samples.buffer));
  });
});

function isRising(peaks: readonly number[]): boolean {
  return peaks.every((peak, n) => n === 0 || peak > peaks[n - 1]!);
}
