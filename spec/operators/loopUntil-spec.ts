import { expect } from 'chai';
import { defer, EMPTY, from, NEVER, take } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { loopUntil } from '../../operators/loopUntil.js';
import { MediaError } from '../../operators/mediaError.js';
import { collect } from '../support/collect.js';
import { createTestScheduler } from '../support/testScheduler.js';

describe('loopUntil', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should replay the clip from its start until the notifier emits', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const clip = cold('  a-b-|       ');
      // prettier-ignore
      const clipSubs = [ ' ^---!       ',
                         ' ----^---!   ',
                         ' --------^-! '];
      const stop = hot('   ----------s-');
      const stopSubs = '   ^---------! ';
      const expected = '   a-b-a-b-a-| ';
      expectObservable(clip.pipe(loopUntil(stop))).toBe(expected);
      expectSubscriptions(clip.subscriptions).toBe(clipSubs);
      expectSubscriptions(stop.subscriptions).toBe(stopSubs);
    });
  });

  it('should loop a clip of a single frame', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const clip = cold(' a--|     ');
      const stop = hot('  -------s ');
      const expected = '  a--a--a| ';
      expectObservable(clip.pipe(loopUntil(stop))).toBe(expected);
    });
  });

  it('should stay within a clip that never ends', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const clip = cold(' -a---');
      const clipSubs = '  ^--! ';
      const stop = hot('  ---s ');
      const expected = '  -a-| ';
      expectObservable(clip.pipe(loopUntil(stop))).toBe(expected);
      expectSubscriptions(clip.subscriptions).toBe(clipSubs);
    });
  });

  it('should fail on an empty clip instead of looping it for ever', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const clip = cold(' --|');
      const clipSubs = '  ^-!';
      const expected = '  --#';
      const error = new MediaError('asset_undecodable', 'the clip holds no audio');
      expectObservable(clip.pipe(loopUntil(NEVER))).toBe(expected, undefined, error);
      expectSubscriptions(clip.subscriptions).toBe(clipSubs);
      expectObservable(EMPTY.pipe(loopUntil(NEVER))).toBe('#', undefined, error);
    });
  });

  it('should fail when a later pass is empty', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const passes = [cold('a-|'), cold('--|')];
      const clip = defer(() => passes.shift() ?? EMPTY);
      const error = new MediaError('asset_undecodable', 'the clip holds no audio');
      expectObservable(clip.pipe(loopUntil(NEVER))).toBe('a---#', undefined, error);
    });
  });

  it('should pass a decoder error through and not loop again', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const clip = cold(' a-b-#    ');
      const clipSubs = '  ^---!    ';
      const stop = hot('  --------s');
      const stopSubs = '  ^---!    ';
      const expected = '  a-b-#    ';
      expectObservable(clip.pipe(loopUntil(stop))).toBe(expected);
      expectSubscriptions(clip.subscriptions).toBe(clipSubs);
      expectSubscriptions(stop.subscriptions).toBe(stopSubs);
    });
  });

  it('should go on when the notifier completes without a word', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const clip = cold(' a-|       ');
      const stop = cold('-|         ');
      const unsub = '     -----!    ';
      const expected = '  a-a-a-    ';
      expectObservable(clip.pipe(loopUntil(stop)), unsub).toBe(expected);
    });
  });

  it('should release the clip and the notifier when unsubscribed early', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const clip = cold(' a-b-|    ');
      // prettier-ignore
      const clipSubs = [ '^---!    ',
                         '----^-!  '];
      const stop = hot('  ---------');
      const unsub = '     ------!  ';
      const expected = '  a-b-a--  ';
      expectObservable(clip.pipe(loopUntil(stop)), unsub).toBe(expected);
      expectSubscriptions(clip.subscriptions).toBe(clipSubs);
      expectSubscriptions(stop.subscriptions).toBe('^-----!');
    });
  });

  it('should not grow the stack with a synchronous clip', () => {
    const heard = collect(from([1, 2]).pipe(loopUntil(NEVER), take(200_000)));
    expect(heard).to.have.length(200_000);
    expect(heard.slice(-2)).to.deep.equal([1, 2]);
  });
});
