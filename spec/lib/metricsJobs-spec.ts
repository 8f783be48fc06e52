import { expect } from 'chai';
import type { WorkerMessage } from '@livekit/protocol';
import type { TestScheduler } from 'rxjs/testing';
import type { Circumstances } from '../../lib/admission.js';
import { countAnswers } from '../../lib/metricsJobs.js';
import { accept, decline, jobRunning } from '../../lib/workerMessages.js';
import { createTestScheduler } from '../support/testScheduler.js';

const IDLE: Circumstances = {
  draining: false,
  warmHosts: 2,
  load: 0,
  loadThreshold: 0.75,
  loadPerCall: 0.1,
  calls: new Map(),
  now: 0,
};

describe('countAnswers', () => {
  let rxTest: TestScheduler;
  let counted: string[];
  beforeEach(() => {
    rxTest = createTestScheduler();
    counted = [];
  });
  const metrics = {
    answered: (refusal: string | undefined) => void counted.push(refusal ?? 'accepted'),
  };

  const cases: readonly [string, WorkerMessage, Partial<Circumstances>, readonly string[]][] = [
    ['an accepted job', accept('AJ', 'media-bot-1', 'media-bot'), {}, ['accepted']],
    ['a room that has its bot', decline('AJ', true), { draining: true }, ['bot_present']],
    ['a job that comes too late', decline('AJ', false), { draining: true }, ['draining']],
    ['a job that comes too early', decline('AJ', false), { warmHosts: 0 }, ['no_host']],
    ['a job too many', decline('AJ', false), { load: 0.8 }, ['overloaded']],
    ['nothing else that is said', jobRunning('AJ'), {}, []],
  ];
  for (const [what, message, circumstances, expected] of cases) {
    it(`should count ${what}, and pass everything on`, () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-m-|', { m: message });
        const count = countAnswers(metrics, () => ({ ...IDLE, ...circumstances }));
        expectObservable(source.pipe(count)).toBe('-m-|', { m: message });
        expectSubscriptions(source.subscriptions).toBe('^--!');
      });
      expect(counted).to.deep.equal(expected);
    });
  }
});
