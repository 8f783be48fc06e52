import { expect } from 'chai';
import { EMPTY, NEVER, of, Subject, throwError } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { countHolds, type HoldProgress } from '../../lib/metricsHolds.js';
import { type HoldLedger, nextHolds } from '../../operators/holdLedger.js';
import { createTestScheduler } from '../support/testScheduler.js';

const CALLER = 'caller';
const NEW: HoldLedger = new Map();

describe('countHolds', () => {
  let progress: Subject<HoldProgress>;
  let counted: string[];
  let now: number;
  let ledger: HoldLedger;

  const metrics = {
    isolated: (after: number) => void counted.push(`isolated after ${after}`),
    repaired: () => void counted.push('repaired'),
    apiFailed: () => void counted.push('failed'),
    silenced: () => void counted.push('silenced'),
  };

  beforeEach(() => {
    progress = new Subject();
    counted = [];
    now = 1_000;
    ledger = NEW;
    progress.pipe(countHolds(metrics, () => now)).subscribe();
  });

  const tell = (event: Parameters<typeof nextHolds>[1]) => {
    ledger = nextHolds(ledger, event, now);
    progress.next({ type: 'ledger', ledger });
  };
  const want = (held: boolean, identity = CALLER) =>
    tell({ type: 'wanted', identity, sid: 'PA_1', held, wasHeld: false });
  const present = (sid: string) => tell({ type: 'present', sids: new Map([[CALLER, sid]]) });
  const away = () => tell({ type: 'present', sids: new Map() });

  const outcome = (
    type: 'accepted' | 'absent' | 'silenced' | 'failed',
    hide: readonly string[] = [],
    held = true,
    listener = CALLER,
  ) => {
    const change = { listener, stay: 'PA_1', held, hide, show: [] };
    progress.next(type === 'failed' ? { type, change, error: 'down' } : { type, change });
  };

  it('should count a hold once, with the time to its first acceptance', () => {
    want(true);
    now += 40;
    outcome('accepted', ['TR_A']);
    now += 150;
    outcome('accepted', ['TR_A']);
    present('PA_1');
    outcome('accepted', ['TR_A']);
    expect(counted).to.deep.equal(['isolated after 40']);
  });

  it('should count each hold of a target, and those of two targets', () => {
    want(true);
    outcome('accepted', ['TR_A']);
    want(true, 'other');
    outcome('accepted', ['TR_A'], true, 'other');
    now += 1;
    want(false);
    outcome('accepted', [], false);
    now += 1;
    want(true);
    now += 7;
    outcome('accepted', ['TR_A']);
    expect(counted).to.deep.equal(['isolated after 0', 'isolated after 0', 'isolated after 7']);
  });

  it('should count a track that comes as a repair, and one that goes as none', () => {
    want(true);
    outcome('accepted', ['TR_A']);
    outcome('accepted', ['TR_A', 'TR_B']);
    outcome('accepted', ['TR_A', 'TR_B']);
    outcome('accepted', ['TR_B']);
    expect(counted).to.deep.equal(['isolated after 0', 'repaired']);
  });

  it('should count the isolation of a target that has rejoined as a repair', () => {
    want(true);
    outcome('accepted', ['TR_A']);
    away();
    outcome('absent', ['TR_A']);
    now += 2_000;
    present('PA_2');
    outcome('accepted', ['TR_A']);
    outcome('accepted', ['TR_A']);
    expect(counted).to.deep.equal(['isolated after 0', 'repaired']);
  });

  it('should take a rejoin before the first acceptance for no repair', () => {
    want(true);
    present('PA_2');
    now += 300;
    outcome('accepted', ['TR_A']);
    expect(counted).to.deep.equal(['isolated after 300']);
  });

  it('should count every failure of the API, and the fallback once for a hold', () => {
    want(true);
    outcome('failed', ['TR_A']);
    outcome('failed', ['TR_A']);
    outcome('silenced', ['TR_A']);
    outcome('silenced', ['TR_A']);
    now += 6_000;
    outcome('accepted', ['TR_A']);
    outcome('silenced', ['TR_A']);
    want(false);
    outcome('failed', [], false);
    expect(counted).to.deep.equal([
      'failed',
      'failed',
      'silenced',
      'isolated after 6000',
      'failed',
    ]);
  });

  it('should count nothing for those who are not on hold', () => {
    outcome('accepted', ['TR_A']);
    want(false);
    outcome('accepted', ['TR_A'], false);
    outcome('absent', ['TR_A']);
    expect(counted).to.deep.equal([]);
  });

  it('should keep the holds of two rooms apart', () => {
    want(true);
    of({
      type: 'accepted',
      change: { listener: CALLER, stay: '', held: true, hide: [], show: [] },
    } as const)
      .pipe(countHolds(metrics, () => now))
      .subscribe();
    expect(counted).to.deep.equal([]);
  });
});

describe('countHolds, as an operator', () => {
  const silent = {
    isolated: () => undefined,
    repaired: () => undefined,
    apiFailed: () => undefined,
    silenced: () => undefined,
  };
  const count = countHolds(silent);
  const accepted: HoldProgress = {
    type: 'accepted',
    change: { listener: CALLER, stay: 'PA_1', held: true, hide: [], show: [] },
  };
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should emit nothing and complete with its source', () => {
    rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-a-|', { a: accepted });
      const expected = '    -----|';
      expectObservable(source.pipe(count)).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe('^----!');
    });
  });

  it('should be unsubscribed early', () => {
    rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-a-a-', { a: accepted });
      expectObservable(source.pipe(count), '^--!').toBe('----');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  it('should pass the end and the error of its source on', () => {
    const lost = new Error('lost');
    rxTest.run(({ expectObservable }) => {
      expectObservable(EMPTY.pipe(count)).toBe('|');
      expectObservable(NEVER.pipe(count)).toBe('-');
      expectObservable(throwError(() => lost).pipe(count)).toBe('#', undefined, lost);
    });
  });

  it('should error when the metrics throw', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const failed: HoldProgress = { type: 'failed', change: accepted.change, error: 'down' };
      const broken = {
        ...silent,
        apiFailed: () => {
          throw new Error('broken');
        },
      };
      const source = cold('-f-', { f: failed });
      expectObservable(source.pipe(countHolds(broken))).toBe('-#', undefined, new Error('broken'));
    });
  });
});
