import { expect } from 'chai';
import { from } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { reframe } from '../../operators/reframe.js';
import type { PcmFrame } from '../../operators/types.js';
import { collect } from '../support/collect.js';
import { flatFrame, frameOf, joinSamples } from '../support/frames.js';
import { createTestScheduler } from '../support/testScheduler.js';

const padded = (samples: number[], length: number) =>
  frameOf([...samples, ...new Array<number>(length - samples.length).fill(0)]);

const values = {
  a: frameOf([1]),
  b: frameOf([2, 3, 4]),
  c: frameOf([5, 6, 7, 8, 9]),
  A: frameOf([1, 2]),
  B: frameOf([3, 4]),
  C: frameOf([5, 6]),
  D: frameOf([7, 8]),
  Z: padded([9], 480),
  Y: padded([1], 480),
};

describe('reframe', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should cut frames of one length across borders and pad the rest to 10 ms', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' a--b---c---|   ', values);
      const subs = '        ^----------!   ';
      const expected = '    ---(AB)(CD)(Z|)';
      expectObservable(source.pipe(reframe(2))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should drop the rest where told to', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold(' a--b---|', values);
      const expected = '    ---(AB)|';
      expectObservable(source.pipe(reframe(2, { pad: false }))).toBe(expected, values);
      expectObservable(cold('a|', values).pipe(reframe(2, { pad: false }))).toBe('-|');
    });
  });

  it('should add nothing where no rest is left', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('a-(b|)', values).pipe(reframe(2))).toBe('--(AB|)', values);
    });
  });

  it('should pad a single short frame', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('a-|', values).pipe(reframe(960))).toBe('--(Y|)', values);
    });
  });

  it('should stay empty without a frame or with frames of no samples', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const empty = { e: frameOf([]) };
      expectObservable(cold<PcmFrame>('|').pipe(reframe(2))).toBe('      |');
      expectObservable(cold<PcmFrame>('-').pipe(reframe(2))).toBe('      -');
      expectObservable(cold('e-|', empty).pipe(reframe(2))).toBe('    --|');
    });
  });

  it('should pass an error without the rest', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' a-#', values);
      const subs = '        ^-!';
      const expected = '    --#';
      expectObservable(source.pipe(reframe(2))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should drop the rest when unsubscribed early', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' a---b--|', values);
      const unsub = '       --!     ';
      const subs = '        ^-!     ';
      expectObservable(source.pipe(reframe(2)), unsub).toBe('---');
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  const cut = (frames: readonly PcmFrame[], samplesPerFrame: number) =>
    collect(from(frames).pipe(reframe(samplesPerFrame)));

  it('should give every frame a buffer of its own', () => {
    const source = [flatFrame(1, 5_000), flatFrame(2, 700)];
    const results = cut(source, 960);
    const buffers = new Set([...source, ...results].map(({ samples }) => samples.buffer));
    expect(buffers.size).to.equal(source.length + results.length);
    for (const { samples } of results) {
      expect(samples.byteLength).to.equal(samples.buffer.byteLength);
    }
  });

  it('should keep every sample in order, whatever the lengths', () => {
    const lengths = [1, 441, 960, 0, 4_410, 959, 961, 3];
    let next = 0;
    const source = lengths.map((length) => frameOf(Array.from({ length }, () => next++)));
    const results = cut(source, 960);
    const samples = joinSamples(results);
    expect(samples.subarray(0, next)).to.deep.equal(joinSamples(source));
    expect([...new Set(samples.subarray(next))]).to.deep.equal([0]);
    expect(results.map((frame) => frame.samples.length).slice(0, -1)).to.satisfy((all: number[]) =>
      all.every((length) => length === 960),
    );
  });

  it('should end with as many multiples of 10 ms as the rest needs', () => {
    const lastOf = (length: number) => cut([flatFrame(1, length)], 960).at(-1)?.samples.length;
    expect(lastOf(1)).to.equal(480);
    expect(lastOf(480)).to.equal(480);
    expect(lastOf(481)).to.equal(960);
    expect(lastOf(960)).to.equal(960);
    expect(lastOf(1_441)).to.equal(960);
  });
});
