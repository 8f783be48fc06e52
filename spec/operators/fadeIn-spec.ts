import { expect } from 'chai';
import { from } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { fadeIn } from '../../operators/fadeIn.js';
import { fadeOut } from '../../operators/fadeOut.js';
import type { PcmFrame } from '../../operators/types.js';
import { collect } from '../support/collect.js';
import { flatFrame, frameOf, joinSamples } from '../support/frames.js';
import { createTestScheduler } from '../support/testScheduler.js';

const faded = (frames: readonly PcmFrame[], duration?: number) =>
  collect(from(frames).pipe(fadeIn(duration)));

/** At 1 kHz and 4 ms the ramp is sin of 0, 22.5, 45 and 67.5 degrees. */
const values = {
  a: frameOf([1_000, 1_000, 1_000], 1_000),
  A: frameOf([0, 383, 707], 1_000),
  B: frameOf([924, 1_000, 1_000], 1_000),
};

describe('fadeIn', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should raise the beginning along a sine and leave the rest alone', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-a-a-|', values);
      const subs = '        ^------!';
      const expected = '    -A-B-a-|';
      expectObservable(source.pipe(fadeIn(4))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should pass completion, error and silence', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold<PcmFrame>('|').pipe(fadeIn(4))).toBe('     |');
      expectObservable(cold<PcmFrame>('-').pipe(fadeIn(4))).toBe('     -');
      expectObservable(cold('-a|', values).pipe(fadeIn(4))).toBe('     -A|', values);
      expectObservable(cold('-a-#', values).pipe(fadeIn(4))).toBe('    -A-#', values);
    });
  });

  it('should stop when unsubscribed early', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-a-|', values);
      const unsub = '       --!   ';
      const subs = '        ^-!   ';
      expectObservable(source.pipe(fadeIn(4)), unsub).toBe('-A-', values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should begin anew with every subscription', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const result = cold('-a-|', values).pipe(fadeIn(4));
      expectObservable(result).toBe('       -A-|', values);
      expectObservable(result, '---^').toBe('----A-|', values);
    });
  });

  it('should last 20 ms unless told otherwise', () => {
    const samples = joinSamples(faded([flatFrame(10_000, 480), flatFrame(10_000, 960)]));
    expect(samples[0]).to.equal(0);
    expect(samples[480]).to.equal(7_071);
    expect(samples[959]).to.be.above(9_990);
    expect([...new Set(samples.subarray(960))]).to.deep.equal([10_000]);
  });

  it('should be the counterpart of fadeOut: their powers add up to one', () => {
    const rising = joinSamples(faded([flatFrame(10_000, 960)]));
    const falling = fadeOut(flatFrame(10_000, 960).samples);
    const powers = rising.slice(1).map((sample, i) => Math.round(Math.hypot(sample, falling[i]!)));
    expect(Math.min(...powers)).to.be.at.least(9_999);
    expect(Math.max(...powers)).to.be.at.most(10_001);
  });

  it('should change nothing with a duration of 0', () => {
    expect(faded([flatFrame(5, 10)], 0)).to.deep.equal([flatFrame(5, 10)]);
  });

  it('should leave the incoming frames as they were', () => {
    const frame = flatFrame(10_000, 480);
    faded([frame]);
    expect(frame).to.deep.equal(flatFrame(10_000, 480));
  });
});
