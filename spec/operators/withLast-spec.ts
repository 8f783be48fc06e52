import type { TestScheduler } from 'rxjs/testing';
import { withLast } from '../../operators/withLast.js';
import { createTestScheduler } from '../support/testScheduler.js';

const results = {
  a: { value: 'a', isLast: false },
  b: { value: 'b', isLast: false },
  A: { value: 'a', isLast: true },
  C: { value: 'c', isLast: true },
};

describe('withLast', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should keep each value back until it is known whether it is the last', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b--c-|   ');
      const subs = '        ^--------!   ';
      const expected = '    ----a--b-(C|)';
      expectObservable(source.pipe(withLast())).toBe(expected, results);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should call the only value the last', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('a-|').pipe(withLast())).toBe('--(A|)', results);
      expectObservable(cold('(a|)').pipe(withLast())).toBe('(A|)', results);
    });
  });

  it('should tell values that are nothing from no value', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const nothing = { u: undefined, n: null };
      const expected = {
        u: { value: undefined, isLast: false },
        n: { value: null, isLast: true },
      };
      expectObservable(cold('u-n-|', nothing).pipe(withLast())).toBe('--u-(n|)', expected);
    });
  });

  it('should have no last value where there is none', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('--|').pipe(withLast())).toBe('--|');
      expectObservable(cold('---').pipe(withLast())).toBe('---');
      expectObservable(cold('a--').pipe(withLast())).toBe('---');
    });
  });

  it('should pass an error on, without the value that was kept back', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('a-b-#').pipe(withLast())).toBe('--a-#', results);
    });
  });

  it('should let the source go when it is unsubscribed', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-b-c');
      expectObservable(source.pipe(withLast()), '^--!').toBe('--a', results);
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });
});
