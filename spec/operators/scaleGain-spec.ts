import { expect } from 'chai';
import { BehaviorSubject, concat, from, of, throwError } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { scaleGain } from '../../operators/scaleGain.js';
import type { PcmFrame } from '../../operators/types.js';
import { collect } from '../support/collect.js';
import { flatFrame, frameOf, joinSamples } from '../support/frames.js';
import { createTestScheduler } from '../support/testScheduler.js';
import { processorTime } from '../support/processorTime.js';

const values = {
  a: frameOf([1_000, -1_000, 3]),
  A: frameOf([500, -500, 2]),
  b: frameOf([4]),
  B: frameOf([2]),
};

describe('scaleGain', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should scale every frame by a fixed gain', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-|', values);
      const subs = '        ^----!';
      const expected = '    -A-B-|';
      expectObservable(source.pipe(scaleGain(0.5))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should pass completion, error and silence', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold<PcmFrame>(' |  ').pipe(scaleGain(1))).toBe('|  ');
      expectObservable(cold<PcmFrame>(' ---').pipe(scaleGain(1))).toBe('---');
      expectObservable(cold('-a-#', values).pipe(scaleGain(0.5))).toBe('-A-#', values);
    });
  });

  it('should release source and gain when unsubscribed early', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-|', values);
      const gain = hot<number>('-----');
      const unsub = '       --!   ';
      const subs = '        ^-!   ';
      const gains = concat(of(0.5), gain);
      expectObservable(source.pipe(scaleGain(gains)), unsub).toBe('-A-', values);
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(gain.subscriptions).toBe(subs);
    });
  });

  it('should pass an error of the gain', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const failed = throwError(() => new Error('no gain'));
      const result = cold('-a-|', values).pipe(scaleGain(failed));
      expectObservable(result).toBe('#', values, new Error('no gain'));
    });
  });

  it('should clip to 16 bits instead of wrapping around', () => {
    const loud = of(frameOf([30_000, -30_000, 32_767, -32_768]));
    expect(collect(loud.pipe(scaleGain(2)))).to.deep.equal([
      frameOf([32_767, -32_768, 32_767, -32_768]),
    ]);
  });

  it('should leave the incoming frame as it was', () => {
    const frame = flatFrame(100, 4);
    expect(collect(of(frame).pipe(scaleGain(0)))).to.deep.equal([flatFrame(0, 4)]);
    expect(frame).to.deep.equal(flatFrame(100, 4));
  });

  describe('when the gain changes', () => {
    const scaled = (gains: readonly number[], framesBetween: number) => {
      const gain = new BehaviorSubject(gains[0]!);
      const source = new BehaviorSubject(flatFrame(10_000, 480));
      const results = collect(source.pipe(scaleGain(gain)));
      for (const next of gains.slice(1)) {
        gain.next(next);
        for (let i = 0; i < framesBetween; i++) source.next(flatFrame(10_000, 480));
      }
      return joinSamples(results);
    };

    it('should apply the first gain at once', () => {
      expect([...new Set(scaled([0.25], 0))]).to.deep.equal([2_500]);
    });

    it('should go to the new one in a straight line of 20 ms, across frames', () => {
      const samples = scaled([1, 0.5], 3).subarray(480);
      expect(samples[0]).to.equal(9_995);
      expect(samples[479]).to.equal(7_500);
      expect(samples[959]).to.equal(5_000);
      expect([...new Set(samples.subarray(960))]).to.deep.equal([5_000]);
    });

    it('should never jump, even when it changes again on the way', () => {
      const samples = scaled([0, 1, 0.2, 0.9], 1);
      const steps = samples.slice(1).map((sample, i) => Math.abs(sample - samples[i]!));
      expect(Math.max(...steps)).to.be.at.most(11);
    });

    it('should end exactly at the new gain, upwards and downwards', () => {
      expect(scaled([0.1, 0.7], 3).at(-1)).to.equal(7_000);
      expect(scaled([0.7, 0.1], 3).at(-1)).to.equal(1_000);
      expect(scaled([0.6, 0], 3).at(-1)).to.equal(0);
    });

    it('should take 20 ms at any sample rate', () => {
      const gain = new BehaviorSubject(0);
      const source = new BehaviorSubject(flatFrame(10_000, 1, 8_000));
      const results = collect(source.pipe(scaleGain(gain)));
      gain.next(1);
      source.next(flatFrame(10_000, 200, 8_000));
      const { samples } = results[1]!;
      expect(samples[79]).to.equal(5_000);
      expect(samples[158]).to.be.below(10_000);
      expect(samples[160]).to.equal(10_000);
    });
  });

  it('should scale 60 s in well under a second', () => {
    const minute = Array.from({ length: 60 }, () => flatFrame(10_000, 48_000));
    const worked = processorTime();
    expect(collect(from(minute).pipe(scaleGain(0.6)))).to.have.length(60);
    expect(worked()).to.be.below(1_000);
  });
});
