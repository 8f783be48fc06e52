import { expect } from 'chai';
import { concat, map, NEVER, range, tap, type Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { paceTo, type Pace } from '../../operators/paceTo.js';
import type { Milliseconds, PcmFrame } from '../../operators/types.js';
import { collect } from '../support/collect.js';
import { frameOf } from '../support/frames.js';
import { createTestScheduler } from '../support/testScheduler.js';

const FRAME: Milliseconds = 4;

const frames = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, i) => [name, frameOf([i])]),
) as Record<string, PcmFrame>;

/** An output that plays in real time: every frame written lasts 4 ms. */
function createOutput(now: () => Milliseconds) {
  let end = 0;
  return {
    queued: () => Math.max(0, end - now()),
    write: () => (end = Math.max(end, now()) + FRAME),
    clear: () => (end = now()),
  };
}

describe('paceTo', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  const played = (source: Observable<PcmFrame>, lead: Milliseconds) => {
    const output = createOutput(() => rxTest.now());
    return source.pipe(paceTo({ queued: output.queued, lead }), tap(output.write));
  };

  it('should fill the lead at once and then let out what has been heard', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' (abcde|)        ', frames);
      const subs = '        (^!)            ';
      const expected = '    (ab)c---d---(e|)';
      expectObservable(played(source, 5)).toBe(expected, frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should not delay frames that come no faster than they are heard', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' a---b---c-----d-|', frames);
      const subs = '        ^---------------!';
      const expected = '    a---b---c-----d-|';
      expectObservable(played(source, 2)).toBe(expected, frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should keep the order of frames that arrive while others wait', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold(' abcd-|          ', frames);
      const expected = '    a---b---c---(d|)';
      expectObservable(played(source, 1)).toBe(expected, frames);
    });
  });

  it('should complete with its last frame, not before', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(played(cold('(ab|)', frames), 1)).toBe('a---(b|)', frames);
    });
  });

  it('should complete at once with a single frame, and without any', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(played(cold('--(a|)', frames), 1)).toBe('--(a|)', frames);
      expectObservable(played(cold('--|', frames), 1)).toBe('   --|');
      expectObservable(played(cold('---', frames), 1)).toBe('   ---');
    });
  });

  it('should wait for an output that is full of somebody else', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const pace: Pace = { queued: () => Math.max(0, 6 - rxTest.now()), lead: 3 };
      const source = cold(' (a|)     ', frames);
      const expected = '    ----(a|) ';
      expectObservable(source.pipe(paceTo(pace))).toBe(expected, frames);
    });
  });

  it('should catch up after the output was cleared', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const output = createOutput(() => rxTest.now());
      const source = cold(' (abcdef|)       ', frames);
      const clear = hot('   ------x         ');
      const expected = '    (ab)c---(de)(f|)';
      const result = source.pipe(paceTo({ queued: output.queued, lead: 5 }), tap(output.write));
      collect(clear.pipe(tap(output.clear)));
      expectObservable(result).toBe(expected, frames);
    });
  });

  it('should pass an error at once and discard what waits', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' (abc)-#', frames);
      const subs = '        ^-----!';
      const expected = '    a---b-#';
      const tight = cold('  (abcdefgh)#', frames);
      expectObservable(played(source, 1)).toBe(expected, frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectObservable(played(tight, 1)).toBe('a---b---c-#', frames);
    });
  });

  it('should drop what waits and its timer when unsubscribed early', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = concat(cold('(abc|)', frames), NEVER);
      const unsub = '   ------!';
      const expected = 'a---b--';
      expectObservable(played(source, 1), unsub).toBe(expected, frames);
      const watched = cold('a------', frames);
      expectObservable(played(watched, 1), unsub).toBe('a------', frames);
      expectSubscriptions(watched.subscriptions).toBe('^-----!');
    });
  });

  it('should pass on what asking the output throws', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const queued = () => {
        throw new Error('closed');
      };
      const source = cold(' -a-|', frames);
      const subs = '        ^!  ';
      const expected = '    -#  ';
      expectObservable(source.pipe(paceTo({ queued, lead: 1 }))).toBe(
        expected,
        frames,
        new Error('closed'),
      );
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should let the first frame out while the source is still being subscribed', () => {
    const seen: string[] = [];
    const source = range(0, 3).pipe(
      tap((i) => seen.push(`in ${i}`)),
      map((i) => frameOf([i])),
      paceTo({ queued: () => 0, lead: 1 }),
      tap(({ samples }) => seen.push(`out ${String(samples[0])}`)),
    );
    collect(source);
    expect(seen).to.deep.equal(['in 0', 'out 0', 'in 1', 'out 1', 'in 2', 'out 2']);
  });

  const manyFrames = (count: number) => range(0, count).pipe(map(() => frameOf([1])));

  it('should ask only when a frame may be due, not for every frame that waits', () => {
    rxTest.run(({ flush }) => {
      let asked = 0;
      const output = createOutput(() => rxTest.now());
      const queued = () => {
        asked++;
        return output.queued();
      };
      const heard = collect(
        manyFrames(1_000).pipe(paceTo({ queued, lead: 100 }), tap(output.write)),
      );
      expect(heard).to.have.length(25);
      expect(asked).to.be.at.most(60);
      flush();
      expect(heard).to.have.length(1_000);
      // For each frame: whether it may pass, whether the next one may, and how long that one waits.
      expect(asked).to.be.at.most(3_000);
    });
  });

  it('should pace 100,000 synchronous frames without growing the stack', () => {
    const heard = collect(manyFrames(100_000).pipe(paceTo({ queued: () => 0, lead: 1 })));
    expect(heard).to.have.length(100_000);
  });

  it('should let 100,000 waiting frames out in one go without growing the stack', () => {
    rxTest.run(({ cold, flush }) => {
      let queued = 10;
      const cleared = cold('-----x').pipe(tap(() => (queued = 0)));
      collect(cleared);
      const heard = collect(manyFrames(100_000).pipe(paceTo({ queued: () => queued, lead: 1 })));
      expect(heard).to.have.length(0);
      flush();
      expect(heard).to.have.length(100_000);
    });
  });
});
