import { NEVER } from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { mergeMapPresent } from '../../operators/mergeMapPresent.js';
import { createTestScheduler } from '../support/testScheduler.js';

describe('mergeMapPresent', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  const lists: Record<string, readonly string[]> = { e: [], a: ['a'], b: ['b'], x: ['a', 'b'] };

  it('should run one stream for each key while the key is in the list', () => {
    rxTest.run(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot('  --a---x---b---e--', lists);
      const a = cold('        -1-2-3-4-5-6   ');
      const aSubs = '       --^-------!      ';
      const b = cold('            6-7-8-9-0  ');
      const bSubs = '       ------^-------!  ';
      const expected = '    ---1-263748-9----';
      const streams: Record<string, typeof a> = { a, b };
      const result = source.pipe(mergeMapPresent((key: string) => streams[key] ?? NEVER));
      expectObservable(result).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe(aSubs);
      expectSubscriptions(b.subscriptions).toBe(bSubs);
    });
  });

  it('should start a new stream for a key that comes back', () => {
    rxTest.run(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot('  a---e---a---', lists);
      const a = cold('      1-2-3-4-5   ');
      const subs = ['       ^---!       ', '        --------^---'];
      const expected = '    1-2-----1-2-';
      expectObservable(source.pipe(mergeMapPresent(() => a)), '^-----------!').toBe(expected);
      expectSubscriptions(a.subscriptions).toBe([subs[0]!, '--------^---!']);
    });
  });

  it('should not start again what has completed while its key stays', () => {
    rxTest.run(({ hot, cold, expectObservable }) => {
      const source = hot('  a--a--a--', lists);
      const a = cold('      1|       ');
      const expected = '    1--------';
      expectObservable(source.pipe(mergeMapPresent(() => a))).toBe(expected);
    });
  });

  it('should leave running streams alone when the source completes', () => {
    rxTest.run(({ hot, cold, expectObservable }) => {
      const source = hot('  a-|     ', lists);
      const a = cold('      1---2-| ');
      const expected = '    1---2-| ';
      expectObservable(source.pipe(mergeMapPresent(() => a))).toBe(expected);
    });
  });

  it('should pass on an error of the source and of a stream', () => {
    rxTest.run(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot('  a--#   ', lists);
      const a = cold('      1-----1');
      const subs = '        ^--!   ';
      expectObservable(source.pipe(mergeMapPresent(() => a))).toBe('1--#');
      expectSubscriptions(a.subscriptions).toBe(subs);
      const failing = cold('#');
      expectObservable(hot('-a--', lists).pipe(mergeMapPresent(() => failing))).toBe('-#');
    });
  });

  it('should pass on what the projection throws', () => {
    rxTest.run(({ hot, expectObservable }) => {
      const result = hot('-a--', lists).pipe(
        mergeMapPresent(() => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- the marble's error value
          throw 'error';
        }),
      );
      expectObservable(result).toBe('-#');
    });
  });

  it('should never emit and never complete with a source that never emits', () => {
    rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot<readonly string[]>('-----');
      const subs = '        ^----';
      expectObservable(source.pipe(mergeMapPresent(() => NEVER)), '^----').toBe('-----');
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should end every stream on unsubscription', () => {
    rxTest.run(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot('  x-------', lists);
      const a = cold('      -1------');
      const unsub = '       ----!   ';
      const subs = '        ^---!   ';
      expectObservable(source.pipe(mergeMapPresent(() => a)), unsub).toBe('-(11)');
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(a.subscriptions).toBe([subs, subs]);
    });
  });
});
