import { expect } from 'chai';
import { NEVER, type Observable, of, range, Subject, tap } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { type BoundedOptions, concatMapBounded } from '../../operators/concatMapBounded.js';
import { collect } from '../support/collect.js';
import { createTestScheduler } from '../support/testScheduler.js';

describe('concatMapBounded', () => {
  let rxTest: TestScheduler;
  let dropped: string[];
  beforeEach(() => {
    rxTest = createTestScheduler();
    dropped = [];
  });

  const bounded = (
    source: Observable<string>,
    project: Readonly<Record<string, Observable<string>>>,
    options: Partial<BoundedOptions<string>> = {},
  ) =>
    source.pipe(
      concatMapBounded((item) => project[item]!, {
        capacity: 10,
        overflow: 'dropOldest',
        onDropped: (item) => dropped.push(item),
        ...options,
      }),
    );

  it('should run one after the other, results in order', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('ab---c------|     ');
      const sourceSubs = '^-----------!     ';
      const a = cold('    --1-2|            ');
      const b = cold('         --3-|        ');
      const c = cold('             ----4--| ');
      const subs = ['     ^----!            ', '-----^---!', '---------^------!'];
      const expected = '  --1-2--3-----4--| ';
      expectObservable(bounded(source, { a, b, c })).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(a.subscriptions).toBe(subs[0]!);
      expectSubscriptions(b.subscriptions).toBe(subs[1]!);
      expectSubscriptions(c.subscriptions).toBe(subs[2]!);
    });
  });

  it('should run as many at once as wanted, and hold results back until their turn', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('abc-----------|  ');
      const a = cold('    ----1---2|       ');
      const b = cold('     --3-4|          ');
      const c = cold('             ----5-| ');
      const bSubs = '     -^----!          ';
      const cSubs = '     ---------^-----! ';
      const expected = '  ----1---2(34)5-| ';
      expectObservable(bounded(source, { a, b, c }, { concurrency: 2 })).toBe(expected);
      expectSubscriptions(b.subscriptions).toBe(bSubs);
      expectSubscriptions(c.subscriptions).toBe(cSubs);
    });
  });

  it('should pass a result on at once when all before have completed', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot('ab------| ');
      const a = cold('    -1-|      ');
      const b = cold('     ---2--3| ');
      const expected = '  -1--2--3| ';
      expectObservable(bounded(source, { a, b }, { concurrency: 2 })).toBe(expected);
    });
  });

  it('should keep the order where one in between has no results', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('abc--------| ');
      const a = cold('    ----1|       ');
      const b = cold('     -|          ');
      const c = cold('         --2--|  ');
      const cSubs = '     -----^----!  ';
      const expected = '  ----1--2---| ';
      expectObservable(bounded(source, { a, b, c }, { concurrency: 2 })).toBe(expected);
      expectSubscriptions(c.subscriptions).toBe(cSubs);
    });
  });

  it('should drop those that have waited longest', () => {
    rxTest.run(({ cold, hot, expectObservable, flush }) => {
      const source = hot('abcde|       ');
      const a = cold('    ------1|     ');
      const d = cold('           -2|   ');
      const e = cold('             -3| ');
      const expected = '  ------1-2-3| ';
      expectObservable(bounded(source, { a, d, e }, { capacity: 2 })).toBe(expected);
      flush();
      expect(dropped).to.deep.equal(['b', 'c']);
    });
  });

  it('should drop the newcomer', () => {
    rxTest.run(({ cold, hot, expectObservable, flush }) => {
      const source = hot('abcde|       ');
      const a = cold('    ------1|     ');
      const b = cold('           -2|   ');
      const c = cold('             -3| ');
      const expected = '  ------1-2-3| ';
      const options = { capacity: 2, overflow: 'dropNewest' } as const;
      expectObservable(bounded(source, { a, b, c }, options)).toBe(expected);
      flush();
      expect(dropped).to.deep.equal(['d', 'e']);
    });
  });

  it('should let nothing wait with a capacity of 0', () => {
    rxTest.run(({ cold, hot, expectObservable, flush }) => {
      const source = hot('abc-d--| ');
      const a = cold('    --1|     ');
      const d = cold('        --2| ');
      const expected = '  --1---2| ';
      expectObservable(bounded(source, { a, d }, { capacity: 0 })).toBe(expected);
      flush();
      expect(dropped).to.deep.equal(['b', 'c']);
    });
  });

  it('should weigh what waits anew at each arrival', () => {
    rxTest.run(({ cold, hot, expectObservable, flush }) => {
      const weights = { a: 99, b: 1, c: 2, d: 1 };
      const source = hot('abc-d-----| ');
      const grow = hot('  ---g------- ').pipe(tap(() => (weights.b = 3)));
      const a = cold('    -----1|     ');
      const c = cold('          -2|   ');
      const d = cold('            -3| ');
      const expected = '  -----1-2-3| ';
      expectObservable(grow).toBe('---g---');
      const options = {
        capacity: 3,
        weigh: (item: string) => weights[item as keyof typeof weights],
      };
      expectObservable(bounded(source, { a, c, d }, options)).toBe(expected);
      flush();
      expect(dropped).to.deep.equal(['b']);
    });
  });

  it('should run what is too heavy to wait where a place is free, and else drop it', () => {
    rxTest.run(({ cold, hot, expectObservable, flush }) => {
      const source = hot('ab----c-| ');
      const a = cold('    --1|      ');
      const c = cold('          -2| ');
      const expected = '  --1----2| ';
      expectObservable(bounded(source, { a, c }, { capacity: 3, weigh: () => 4 })).toBe(expected);
      flush();
      expect(dropped).to.deep.equal(['b']);
    });
  });

  it('should complete without results when there are none', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      expectObservable(bounded(cold('--|'), {})).toBe('  --|');
      expectObservable(bounded(cold('---'), {})).toBe('  ---');
      const [a, b] = [cold('--|'), cold('-|')];
      expectObservable(bounded(hot('ab|'), { a, b })).toBe('---|');
      expectObservable(bounded(hot('ab|'), { a, b }, { concurrency: 2 })).toBe('--|');
      expectObservable(bounded(hot('a-|'), { a: NEVER })).toBe('---');
    });
  });

  it('should pass on an error of the source, and of a project before its turn', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const a = cold('     ------1');
      const subs = '       ^--!   ';
      expectObservable(bounded(hot('a--#'), { a })).toBe('---#');
      expectSubscriptions(a.subscriptions).toBe(subs);
      const source = hot(' -ab---');
      const sourceSubs = ' ^---!  ';
      const b = cold('       --#  ');
      const a2 = cold('     -----1');
      expectObservable(bounded(source, { a: a2, b }, { concurrency: 2 })).toBe('----#');
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(a2.subscriptions).toBe('-^--!');
    });
  });

  it('should pass on what a callback throws', () => {
    rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
      const error = new Error('spec');
      const fail = () => {
        throw error;
      };
      const source = hot('-ab-');
      const failing = (options: Partial<BoundedOptions<string>>) =>
        bounded(source, { a: NEVER }, { capacity: 0, ...options });
      const onDropped = fail;
      const options = { capacity: 0, overflow: 'dropNewest', onDropped } as const;
      expectObservable(source.pipe(concatMapBounded(fail, options))).toBe('-#', {}, error);
      expectObservable(failing({ weigh: fail })).toBe('--#', {}, error);
      expectObservable(failing({ onDropped })).toBe('--#', {}, error);
      expectSubscriptions(source.subscriptions).toBe(['^!', '^-!', '^-!']);
    });
  });

  it('should abort what runs and forget what waits when unsubscribed', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('abc----- ');
      const a = cold('    -1-2-3|  ');
      const b = cold('     ------1 ');
      const c = cold('      1      ');
      const unsub = '     ----!    ';
      const subs = '      ^---!    ';
      const expected = '  -1-2     ';
      const result = bounded(source, { a, b, c }, { concurrency: 2 });
      expectObservable(result, unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(a.subscriptions).toBe(subs);
      expectSubscriptions(b.subscriptions).toBe('-^--!');
      expectSubscriptions(c.subscriptions).toBe([]);
    });
  });

  it('should begin anew with each subscription', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const result = bounded(cold('ab|'), { a: cold('--1|'), b: cold('-2|') });
      expectObservable(result).toBe('           --1-2|');
      expectObservable(result, '-----^').toBe('-------1-2|');
    });
  });

  it('should work off what waits, item by item, when everything answers at once', () => {
    const gate = new Subject<number>();
    const seen = collect(
      range(0, 10_000).pipe(
        concatMapBounded((n) => (n === 0 ? gate : of(n)), {
          capacity: 10_000,
          overflow: 'dropOldest',
          onDropped: () => expect.fail('nothing is to be dropped'),
          concurrency: 3,
        }),
      ),
    );
    expect(seen).to.deep.equal([]);
    gate.complete();
    expect(seen).to.deep.equal(Array.from({ length: 9_999 }, (_, i) => i + 1));
  });
});
