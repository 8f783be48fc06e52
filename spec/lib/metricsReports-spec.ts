import { of } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { metricsReports } from '../../lib/metricsReports.js';
import { createTestScheduler } from '../support/testScheduler.js';

describe('metricsReports', () => {
  const metrics = { snapshot: () => of([]) };
  const values = { m: { type: 'metrics', snapshot: [] } };
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should report every second, and once more when all is done', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const done = cold('  2500ms d');
      const expected = '   1s m 999ms m 499ms (m|)';
      expectObservable(metricsReports(metrics, done)).toBe(expected, values);
      expectSubscriptions(done.subscriptions).toBe('^ 2499ms !');
    });
  });

  it('should report once where all is done at once', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(metricsReports(metrics, cold('(d|)'))).toBe('(m|)', values);
    });
  });

  it('should stop when unsubscribed from', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const done = cold('-');
      expectObservable(metricsReports(metrics, done), '^ 1500ms !').toBe('1s m', values);
      expectSubscriptions(done.subscriptions).toBe('^ 1500ms !');
    });
  });

  it('should pass on that there is nothing to report any more', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const broken = { snapshot: () => cold<never>('#') };
      expectObservable(metricsReports(broken, cold('d'))).toBe('#');
    });
  });
});
