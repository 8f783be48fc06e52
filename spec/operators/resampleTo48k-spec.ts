import { expect } from 'chai';
import type { TestScheduler } from 'rxjs/testing';
import { MediaError } from '../../operators/mediaError.js';
import { resampleTo48k } from '../../operators/resampleTo48k.js';
import type { CreateResampler, PcmFrame } from '../../operators/types.js';
import { frameOf } from '../support/frames.js';
import { createTestScheduler } from '../support/testScheduler.js';

/** Doubles 24 kHz by repeating samples and holds the newest frame back, as filters do. */
function createRecorded() {
  const calls: string[] = [];
  const create: CreateResampler = (from, to) => {
    let held: PcmFrame | undefined;
    const release = (next?: PcmFrame) => {
      const out = held
        ? [
            frameOf(
              [...held.samples].flatMap((sample) => [sample, sample]),
              to,
            ),
          ]
        : [];
      held = next;
      return out;
    };
    calls.push(`open ${from} ${to}`);
    return {
      push: (frame) => release(frame),
      flush: () => {
        calls.push('flush');
        return release();
      },
      close: () => calls.push('close'),
    };
  };
  return { calls, create };
}

const values = {
  a: frameOf([1, 2], 24_000),
  b: frameOf([3], 24_000),
  A: frameOf([1, 1, 2, 2]),
  B: frameOf([3, 3]),
  x: frameOf([5]),
  y: frameOf([6]),
  z: frameOf([7], 22_050),
};

describe('resampleTo48k', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should resample every frame and flush the tail on completion', () => {
    const { calls, create } = createRecorded();
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--b---|   ', values);
      const subs = '        ^--------!   ';
      const expected = '    -----A---(B|)';
      expectObservable(source.pipe(resampleTo48k(create))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
    expect(calls).to.deep.equal(['open 24000 48000', 'flush', 'close']);
  });

  it('should pass frames of 48 kHz untouched, without a resampler', () => {
    const { calls, create } = createRecorded();
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -x-y-|', values);
      const subs = '        ^----!';
      const expected = '    -x-y-|';
      expectObservable(source.pipe(resampleTo48k(create))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
    expect(calls).to.deep.equal([]);
  });

  it('should complete without a frame, and open nothing', () => {
    const { calls, create } = createRecorded();
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold<PcmFrame>('--|').pipe(resampleTo48k(create))).toBe('--|');
      expectObservable(cold<PcmFrame>('---').pipe(resampleTo48k(create))).toBe('---');
    });
    expect(calls).to.deep.equal([]);
  });

  it('should fail when the rate changes, in either direction', () => {
    const { calls, create } = createRecorded();
    const changed = (from: number, to: number) =>
      new MediaError('asset_undecodable', `the sample rate changes from ${from} to ${to} Hz`);
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-z-|', values);
      const subs = '        ^--!  ';
      const expected = '    ---#  ';
      const other = cold('  -x-z-|', values);
      const otherToBe = '   -x-#  ';
      expectObservable(source.pipe(resampleTo48k(create))).toBe(
        expected,
        values,
        changed(24_000, 22_050),
      );
      expectObservable(other.pipe(resampleTo48k(create))).toBe(
        otherToBe,
        values,
        changed(48_000, 22_050),
      );
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
    expect(calls).to.deep.equal(['open 24000 48000', 'close']);
  });

  it('should pass an error without the tail, and close', () => {
    const { calls, create } = createRecorded();
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold(' -a-b-#', values).pipe(resampleTo48k(create))).toBe('---A-#', values);
    });
    expect(calls).to.deep.equal(['open 24000 48000', 'close']);
  });

  it('should close when unsubscribed early', () => {
    const { calls, create } = createRecorded();
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-|', values);
      const unsub = '       ----! ';
      const subs = '        ^---! ';
      const expected = '    ---A- ';
      expectObservable(source.pipe(resampleTo48k(create)), unsub).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
    expect(calls).to.deep.equal(['open 24000 48000', 'close']);
  });

  it('should pass on what opening throws', () => {
    const refuse = () => {
      throw new RangeError('no sample rate');
    };
    rxTest.run(({ cold, expectObservable }) => {
      const result = cold('-a-|', values).pipe(resampleTo48k(refuse));
      expectObservable(result).toBe('-#', values, new RangeError('no sample rate'));
    });
  });

  it('should open a resampler of its own for every subscription', () => {
    const { calls, create } = createRecorded();
    rxTest.run(({ cold, expectObservable }) => {
      const result = cold('-a-|', values).pipe(resampleTo48k(create));
      expectObservable(result).toBe('       ---(A|)', values);
      expectObservable(result, '--^').toBe('-----(A|)', values);
    });
    expect(calls.filter((call) => call.startsWith('open'))).to.have.length(2);
    expect(calls.filter((call) => call === 'close')).to.have.length(2);
  });
});
