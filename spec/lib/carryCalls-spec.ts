import { expect } from 'chai';
import {
  concat,
  defer,
  EMPTY,
  ignoreElements,
  lastValueFrom,
  NEVER,
  type Observable,
  of,
  Subject,
  throwError,
} from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { firstWithin } from '../../demo/firstWithin.js';
import type { CallAssignment, CallEvent } from '../../lib/callTypes.js';
import { carryCalls, type CarryDeps, type WorkerLink } from '../../lib/carryCalls.js';
import type { FromHost, ToHost } from '../../lib/hostProtocol.js';
import { silentLogger } from '../support/silentLogger.js';
import { createTestScheduler } from '../support/testScheduler.js';

const assignment = (jobId: string): CallAssignment => ({
  jobId,
  room: `room-${jobId}`,
  identity: `media-bot-${jobId}`,
  url: 'ws://127.0.0.1:1',
  token: '',
  metadata: '',
});

const messages: Record<string, ToHost> = {
  a: { type: 'take', assignment: assignment('a') },
  b: { type: 'take', assignment: assignment('b') },
  s: { type: 'shutdown' },
};

const JOINED: CallEvent = { type: 'joined', participantSid: 'PA' };
const COMPLETED: CallEvent = { type: 'ended', outcome: 'completed' };
const failedOf = (jobId: string): FromHost => ({ type: 'ended', jobId, outcome: 'failed' });

const depsOf = (runCall: CarryDeps['runCall']): CarryDeps => ({
  logger: silentLogger(),
  runCall,
});

describe('carryCalls', () => {
  let rxTest: TestScheduler;
  let sent: FromHost[];

  beforeEach(() => {
    rxTest = createTestScheduler();
    sent = [];
  });

  const linkOf = (
    message$: Observable<ToHost>,
    gone$: Observable<unknown> = NEVER,
  ): WorkerLink => ({ message$, gone$, send: (message) => sent.push(message) });

  it('should carry calls side by side, one subscription each', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('   -a-b------', messages);
      const call = cold('     -j---e|  ', { j: JOINED, e: COMPLETED });
      const callSubs = ['    -^----!   ', '---^----! '];
      const unsub = '        ---------!';
      const result = carryCalls(
        linkOf(source),
        depsOf(() => call),
      );
      expectObservable(result, unsub).toBe('----------');
      expectSubscriptions(call.subscriptions).toBe(callSubs);
    });
    expect(sent.map((message) => 'jobId' in message && message.jobId)).to.deep.equal([
      ...['a', 'b', 'a', 'b'],
    ]);
  });

  it('should complete at once when told to shut down without calls', () => {
    rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-s-', messages);
      const result = carryCalls(
        linkOf(source),
        depsOf(() => NEVER),
      );
      expectObservable(result).toBe('-|');
      expectSubscriptions(source.subscriptions).toBe(['^!', '^!']);
    });
  });

  it('should tell its calls of a shutdown, take no more, and complete with the last', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot(' -a-s-b----', messages);
      const farewell = cold(' ---e|', { e: COMPLETED });
      const expected = '   ------|   ';
      const runCall: CarryDeps['runCall'] = (_, { shutdown$ }) =>
        concat(shutdown$.pipe(ignoreElements()), farewell);
      expectObservable(carryCalls(linkOf(source), depsOf(runCall))).toBe(expected);
    });
    expect(sent).to.deep.equal([{ ...COMPLETED, jobId: 'a' }]);
  });

  it('should show the shutdown to a call that looks for it later', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot(' -a-s------', messages);
      const joining = cold<never>('-----|    ');
      const expected = '   ------(|) ';
      const runCall: CarryDeps['runCall'] = (_, { shutdown$ }) =>
        concat(joining, shutdown$.pipe(ignoreElements()), of(COMPLETED));
      expectObservable(carryCalls(linkOf(source), depsOf(runCall))).toBe(expected);
    });
  });

  it('should release its calls when the worker is gone', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot(' -a--------', messages);
      const gone = cold('  ---g      ');
      const expected = '   ---(|)    ';
      const runCall: CarryDeps['runCall'] = (_, { shutdown$ }) =>
        concat(shutdown$.pipe(ignoreElements()), of(COMPLETED));
      expectObservable(carryCalls(linkOf(source, gone), depsOf(runCall))).toBe(expected);
    });
  });

  it('should not wait longer than 10 s for a call that does not end', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-s', messages);
      const call = cold<CallEvent>(' --');
      const result = carryCalls(
        linkOf(source),
        depsOf(() => call),
      );
      expectObservable(result).toBe('--- 10s |');
      expectSubscriptions(call.subscriptions).toBe('-^- 10s !');
    });
  });

  for (const [what, runCall] of [
    ['whose stream errors', () => throwError(() => new Error('lost'))],
    ['that ends without a word', () => EMPTY],
    [
      'that throws on being run',
      () => {
        throw new Error('broken');
      },
    ],
  ] satisfies [string, CarryDeps['runCall']][]) {
    it(`should report a call ${what} as failed, and go on with the others`, () => {
      rxTest.run(({ hot, expectObservable }) => {
        const source = hot('-a-b-', messages);
        expectObservable(carryCalls(linkOf(source), depsOf(runCall))).toBe('-----');
      });
      expect(sent).to.deep.equal([failedOf('a'), failedOf('b')]);
    });
  }

  it('should let a call leave on the word that its job is closed', async () => {
    const source = new Subject<ToHost>();
    const runCall: CarryDeps['runCall'] = (_, { endJob }) =>
      concat(defer(() => endJob('completed')).pipe(ignoreElements()), of(COMPLETED));
    const done = lastValueFrom(carryCalls(linkOf(source), depsOf(runCall)), { defaultValue: 0 });
    source.next(messages.a!);
    expect(sent).to.deep.equal([{ type: 'ending', jobId: 'a', outcome: 'completed' }]);
    source.next({ type: 'leave', jobId: 'other' });
    await new Promise(setImmediate);
    expect(sent).to.have.length(1);
    source.next({ type: 'leave', jobId: 'a' });
    source.next({ type: 'shutdown' });
    await done;
    expect(sent.at(-1)).to.deep.equal({ ...COMPLETED, jobId: 'a' });
  });

  it('should let a call leave without that word after 2 s', async function () {
    this.timeout(10_000);
    const started = performance.now();
    const left = new Subject<void>();
    const runCall: CarryDeps['runCall'] = (_, { endJob }) =>
      defer(() => endJob('failed').then(() => left.next())).pipe(ignoreElements());
    carryCalls(linkOf(concat(of(messages.a!), NEVER)), depsOf(runCall)).subscribe();
    // Of two timers of one process the earlier one comes first, however late both are.
    await firstWithin(left, 5_000, 'leaving');
    expect(performance.now() - started).to.be.at.least(1_900);
  });

  it('should let a call leave at once when the worker is gone', async () => {
    const gone = new Subject<void>();
    const left = new Subject<void>();
    const runCall: CarryDeps['runCall'] = (_, { endJob }) =>
      defer(() => endJob('failed').then(() => left.next())).pipe(ignoreElements());
    carryCalls(linkOf(concat(of(messages.a!), NEVER), gone), depsOf(runCall)).subscribe();
    const leaving = firstWithin(left, 5_000, 'leaving');
    gone.next();
    await leaving;
  });
});
