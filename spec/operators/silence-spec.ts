import { switchMap } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { silence } from '../../operators/silence.js';
import { createTestScheduler } from '../support/testScheduler.js';

describe('silence', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should emit after its time, once', () => {
    rxTest.run(({ expectObservable }) => {
      expectObservable(silence(10)).toBe('----------(0|)', { 0: 0 });
    });
  });

  it('should be put off by each that comes', () => {
    rxTest.run(({ hot, expectObservable }) => {
      const source = hot('a----b---------c-- 9ms -', { a: 0, b: 0, c: 0 });
      const expected = '  ------------------ 7ms 0';
      expectObservable(source.pipe(switchMap(() => silence(10)))).toBe(expected, { 0: 0 });
    });
  });

  it('should not emit when unsubscribed in its last tenth', () => {
    rxTest.run(({ expectObservable }) => {
      expectObservable(silence(20), '^ 18ms !').toBe('--------------------');
    });
  });
});
