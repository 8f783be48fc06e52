import { expect } from 'chai';
import { delay, lastValueFrom, map, NEVER, of, tap, throwError, type Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { decodeMp3 } from '../../operators/decodeMp3.js';
import { MediaError } from '../../operators/mediaError.js';
import type { Decoder, OpenDecoder, PcmFrame } from '../../operators/types.js';
import { frameOf } from '../support/frames.js';
import { createTestScheduler } from '../support/testScheduler.js';

const BAD = 255;
const undecodable = new MediaError('asset_undecodable', 'bad byte');

/** One frame per piece, whose samples are the piece's length and first byte; one more at the end. */
function createRecorded(opening = (decoder: Decoder): Observable<Decoder> => of(decoder)) {
  const calls: string[] = [];
  const decoder: Decoder = {
    decode: (bytes) => {
      calls.push('decode');
      if (bytes[0] === BAD) throw undecodable;
      return [frameOf([bytes.length, bytes[0] ?? 0])];
    },
    flush: () => {
      calls.push('flush');
      return [frameOf([0, 0])];
    },
    close: () => calls.push('close'),
  };
  const open: OpenDecoder = () => opening(decoder);
  return { calls, open };
}

const KIB_16 = 16 * 1024;
const bytes = {
  a: Uint8Array.of(1),
  b: Uint8Array.of(2, 2),
  L: new Uint8Array(2 * KIB_16 + 1).fill(3),
  x: Uint8Array.of(BAD),
  e: new Uint8Array(),
};
const frames = {
  a: frameOf([1, 1]),
  b: frameOf([2, 2]),
  L: frameOf([KIB_16, 3]),
  M: frameOf([1, 3]),
  z: frameOf([0, 0]),
};

describe('decodeMp3', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should decode chunk by chunk, flush and close', () => {
    const { calls, open } = createRecorded();
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b--|   ', bytes);
      const subs = '        ^-----!   ';
      const expected = '    -a-b--(z|)';
      expectObservable(source.pipe(decodeMp3(open))).toBe(expected, frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
    expect(calls).to.deep.equal(['decode', 'decode', 'flush', 'close']);
  });

  it('should split chunks into pieces of 16 KiB, the first decoded at once', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const breathe = slowTurns(rxTest);
      const { open } = createRecorded();
      const source = cold(' (L|)     ', bytes);
      const expected = '    L-L-(Mz|)';
      expectObservable(source.pipe(decodeMp3(open, { scheduler: breathe }))).toBe(expected, frames);
    });
  });

  it('should let other work happen between two pieces', async () => {
    const { open } = createRecorded();
    const seen: string[] = [];
    const decoded = of(bytes.L).pipe(
      decodeMp3(open),
      tap(({ samples }) => {
        seen.push(`decoded ${String(samples[0])}`);
        // Due together with the next piece, and asked for before it.
        setTimeout(() => seen.push('other work'));
      }),
    );
    await lastValueFrom(decoded, { defaultValue: undefined });
    expect(seen.slice(0, 4)).to.deep.equal([
      `decoded ${KIB_16}`,
      'other work',
      `decoded ${KIB_16}`,
      'other work',
    ]);
  });

  it('should subscribe the source at once and keep what arrives while the decoder opens', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const { open } = createRecorded((decoder) => of(decoder).pipe(delay(4)));
      const source = cold(' ab-|      ', bytes);
      const subs = '        ^--!      ';
      const expected = '    ----(abz|)';
      expectObservable(source.pipe(decodeMp3(open))).toBe(expected, frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should decode the next piece only when the frames of the last one have been paced', () => {
    const { calls, open } = createRecorded();
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold(' (abb|)         ', bytes);
      const expected = '    ---a--b--b--(z|)';
      const pace = (piece: Observable<PcmFrame>) => piece.pipe(delay(3));
      const counted = (frame: PcmFrame) => {
        calls.push('heard');
        return frame;
      };
      expectObservable(source.pipe(decodeMp3(open, { pace }), map(counted))).toBe(expected, frames);
    });
    expect(calls.slice(0, 4)).to.deep.equal(['decode', 'heard', 'decode', 'heard']);
  });

  it('should flush and close without a byte', () => {
    const { calls, open } = createRecorded();
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold<Uint8Array>('--|').pipe(decodeMp3(open))).toBe('--(z|)', frames);
      expectObservable(cold('-e|', bytes).pipe(decodeMp3(open))).toBe('     --(z|)', frames);
    });
    expect(calls).to.deep.equal(['flush', 'close', 'flush', 'close']);
  });

  it('should wait on a source that says nothing', () => {
    const { calls, open } = createRecorded();
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold<Uint8Array>('---').pipe(decodeMp3(open)), '---!').toBe('---');
    });
    expect(calls).to.deep.equal(['close']);
  });

  it('should pass an error of the source and close', () => {
    const { calls, open } = createRecorded();
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-#', bytes);
      const subs = '        ^--!';
      const expected = '    -a-#';
      expectObservable(source.pipe(decodeMp3(open))).toBe(expected, frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
    expect(calls).to.deep.equal(['decode', 'close']);
  });

  it('should pass what the decoder throws, give up the source and close', () => {
    const { calls, open } = createRecorded();
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-x-b-|', bytes);
      const subs = '        ^--!    ';
      const expected = '    -a-#    ';
      expectObservable(source.pipe(decodeMp3(open))).toBe(expected, frames, undecodable);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
    expect(calls).to.deep.equal(['decode', 'decode', 'close']);
  });

  it('should pass what opening fails with, thrown or emitted', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const cause = new Error('no memory');
      const source = cold(' -a-|', bytes);
      const emits = decodeMp3(() => throwError(() => cause));
      const throws = decodeMp3(() => {
        throw cause;
      });
      expectObservable(source.pipe(emits)).toBe('#', frames, cause);
      expectObservable(source.pipe(throws)).toBe('#', frames, cause);
      expectSubscriptions(source.subscriptions).toBe([]);
    });
  });

  it('should close and give up the source when unsubscribed early', () => {
    const { calls, open } = createRecorded();
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-|', bytes);
      const unsub = '       --!   ';
      const subs = '        ^-!   ';
      const expected = '    -a-   ';
      expectObservable(source.pipe(decodeMp3(open)), unsub).toBe(expected, frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
    expect(calls).to.deep.equal(['decode', 'close']);
  });

  it('should give up the opening when unsubscribed meanwhile', () => {
    let given = 0;
    const { calls, open } = createRecorded(() => NEVER.pipe(tap({ unsubscribe: () => given++ })));
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-|', bytes);
      const unsub = '       --!   ';
      const subs = '        ^-!   ';
      expectObservable(source.pipe(decodeMp3(open)), unsub).toBe('---');
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
    expect(given).to.equal(1);
    expect(calls).to.deep.equal([]);
  });
});

/** A turn of the event loop that takes 2 ms of virtual time. */
function slowTurns(scheduler: TestScheduler): TestScheduler {
  const schedule: TestScheduler['schedule'] = (work, wait = 0, state) =>
    scheduler.schedule(work, wait + 2, state);
  return Object.create(scheduler, { schedule: { value: schedule } }) as TestScheduler;
}
