import { expect } from 'chai';
import { NEVER, type Observable, of } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { CallAssignment } from '../../lib/callTypes.js';
import { HostLost } from '../../lib/carrier.js';
import type { FromCall } from '../../lib/hostProtocol.js';
import { takeOver } from '../../lib/takeOver.js';
import { silentLogger } from '../support/silentLogger.js';
import { createTestScheduler } from '../support/testScheduler.js';

const jobId = 'job';
const assignment: CallAssignment = {
  jobId,
  room: 'room',
  identity: 'media-bot-1',
  url: 'ws://127.0.0.1:1',
  token: 'once',
  metadata: '',
};
const ON = { 'stt.enabled': 'true' };
const OFF = { 'stt.enabled': 'false' };
const reports: Record<string, FromCall> = {
  j: { type: 'joined', jobId, participantSid: 'PA' },
  a: { type: 'attributes', jobId, attributes: ON },
  b: { type: 'attributes', jobId, attributes: OFF },
  d: { type: 'ended', jobId, outcome: 'completed' },
  f: { type: 'ended', jobId, outcome: 'failed' },
};
const died = new HostLost('the call host has died');

describe('takeOver', () => {
  let rxTest: TestScheduler;
  let runs: CallAssignment[];
  let outcomes: string[];
  beforeEach(() => {
    rxTest = createTestScheduler();
    [runs, outcomes] = [[], []];
  });

  /** Carries the call in one host after the other, the last one again and again. */
  const carried = (
    hosts: readonly Observable<FromCall>[],
    warm$: Observable<number> = of(1),
    release$: Observable<never> = NEVER,
  ) =>
    takeOver(assignment, {
      pool: {
        warm$,
        run: (taken) => {
          runs.push(taken);
          return hosts[Math.min(runs.length, hosts.length) - 1]!;
        },
      },
      logger: silentLogger(),
      release$,
      onTakeOver: (outcome) => outcomes.push(outcome),
    });

  it('should have a call carried as it was assigned, and pass on what is reported', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const host = cold('-ja--d|', reports);
      expectObservable(carried([host])).toBe('-ja--d|', reports);
      expectSubscriptions(host.subscriptions).toBe('^-----!');
    });
    expect(runs).to.deep.equal([assignment]);
    expect(outcomes).to.deep.equal([]);
  });

  it('should go on in another host with the newest attributes', () => {
    rxTest.run(({ cold, expectObservable, flush }) => {
      const first = cold('-jab-#', reports, died);
      const second = cold('     -jb-d|', reports);
      expectObservable(carried([first, second])).toBe('-jab--jb-d|', reports);
      flush();
    });
    expect(runs).to.deep.equal([assignment, { ...assignment, attributes: OFF }]);
    expect(outcomes).to.deep.equal(['taken_over']);
  });

  it('should begin as assigned where the host has died before it told anything', () => {
    rxTest.run(({ cold, expectObservable, flush }) => {
      const hosts = [cold('--#', reports, died), cold('  -jd|', reports)];
      expectObservable(carried(hosts)).toBe('---jd|', reports);
      flush();
    });
    expect(runs).to.deep.equal([assignment, assignment]);
  });

  it('should wait for a host that is warm', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const warm$ = hot('---0--2--', { 0: 0, 2: 2 });
      const hosts = [cold('-j#', reports, died), cold('      -jd|', reports)];
      expectObservable(carried(hosts, warm$)).toBe('-j-----jd|', reports);
    });
  });

  it('should give up a call after the third host, release its people, and say that it failed', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const release$ = cold<never>('--|');
      const result = carried([cold('-ja#', reports, died)], of(1), release$);
      expectObservable(result).toBe('-ja-ja-ja--(f|)', reports);
      expectSubscriptions(release$.subscriptions).toBe('---------^-!');
    });
    expect(runs).to.have.length(3);
    expect(outcomes).to.deep.equal(['taken_over', 'taken_over', 'given_up']);
  });

  it('should not count a host that has carried the call for over a minute', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const brief = cold('  -j#', reports, died);
      const long = cold('   -j 61s #', reports, died);
      const lasting = cold('-j-----', reports);
      const hosts = [brief, brief, long, brief, lasting];
      expectObservable(carried(hosts)).toBe('-j-j-j 61s -j-j-----', reports);
    });
    expect(outcomes).to.deep.equal(['taken_over', 'taken_over', 'taken_over', 'taken_over']);
  });

  it('should give up a call for which no host is warm within 30 s', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const none$ = cold('0-', { 0: 0 });
      const result = carried([cold('-j#', reports, died)], none$, cold<never>('|'));
      expectObservable(result).toBe('-j 30s (f|)', reports);
    });
  });

  it('should leave the host when unsubscribed', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const host = cold('-j-----', reports);
      expectObservable(carried([host]), '^---!').toBe('-j---', reports);
      expectSubscriptions(host.subscriptions).toBe('^---!');
    });
  });
});
