import { JobStatus, type WorkerMessage } from '@livekit/protocol';
import { expect } from 'chai';
import { EMPTY, map, NEVER, type Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { CallAssignment } from '../../lib/callTypes.js';
import { carryJob, type CarryJobDeps } from '../../lib/carryJob.js';
import type { FromCall } from '../../lib/hostProtocol.js';
import { silentLogger } from '../support/silentLogger.js';
import { createTestScheduler } from '../support/testScheduler.js';

const jobId = 'job';
const assignment: CallAssignment = {
  jobId,
  room: 'room',
  identity: 'media-bot-1',
  url: 'ws://127.0.0.1:1',
  token: '',
  metadata: '',
};

const reports: Record<string, FromCall> = {
  j: { type: 'joined', jobId, participantSid: 'PA' },
  a: { type: 'attributes', jobId, attributes: {} },
  e: { type: 'ending', jobId, outcome: 'completed' },
  d: { type: 'ended', jobId, outcome: 'completed' },
  f: { type: 'ended', jobId, outcome: 'failed' },
};

const statuses = { r: JobStatus.JS_RUNNING, s: JobStatus.JS_SUCCESS, f: JobStatus.JS_FAILED };

const statusOf = ({ message }: WorkerMessage) => {
  expect(message.case).to.equal('updateJob');
  return message.case === 'updateJob' ? message.value.status : undefined;
};

describe('carryJob', () => {
  let rxTest: TestScheduler;
  let order: string[];
  let ends: string[];

  beforeEach(() => {
    rxTest = createTestScheduler();
    [order, ends] = [[], []];
  });

  const carry = (report: Observable<FromCall>) => {
    const deps: CarryJobDeps = {
      pool: { warm$: NEVER, run: () => report, leave: (id) => order.push(`leave ${id}`) },
      logger: silentLogger(),
      release$: EMPTY,
      onTakeOver: () => expect.fail('no host has died'),
      onEnded: (outcome) => ends.push(outcome),
    };
    return carryJob(assignment, deps).pipe(
      map(statusOf),
      map((status) => {
        order.push(status === undefined ? 'none' : JobStatus[status]);
        return status;
      }),
    );
  };

  it('should report the end before it lets the call leave, and only once', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const host = cold('  --j-a-e--d|', reports);
      const hostSubs = '   ^---------!';
      const expected = '   r-----s---|';
      expectObservable(carry(host)).toBe(expected, statuses);
      expectSubscriptions(host.subscriptions).toBe(hostSubs);
    });
    expect(order).to.deep.equal(['JS_RUNNING', 'JS_SUCCESS', 'leave job']);
    expect(ends).to.deep.equal(['completed']);
  });

  it('should report a call that ends without asking', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(carry(cold('--j--(f|)', reports))).toBe('r----(f|)', statuses);
    });
  });

  it('should report a call that fails at once', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(carry(cold('(f|)', reports))).toBe('(rf|)', statuses);
    });
    expect(ends).to.deep.equal(['failed']);
  });

  it('should go on as long as the call does', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(carry(cold('--j---', reports))).toBe('r-----', statuses);
      expectObservable(carry(cold('------', reports))).toBe('r-----', statuses);
    });
    expect(ends).to.deep.equal([]);
  });

  it('should let go of the call when unsubscribed from', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const host = cold('  --j---e-', reports);
      const unsub = '      ---!    ';
      expectObservable(carry(host), unsub).toBe('r---', statuses);
      expectSubscriptions(host.subscriptions).toBe('^--!');
    });
  });
});
