import { map, NEVER, type Observable, ReplaySubject } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { Utterance, UtteranceEnd } from '../../operators/types.js';
import { untilYielded } from '../../operators/untilYielded.js';
import { createTestScheduler } from '../support/testScheduler.js';

const ENDS = {
  p: { endMs: 0, by: 'pause' },
  c: { endMs: 0, by: 'cut' },
  t: { endMs: 0, by: 'track' },
} as const satisfies Record<string, UtteranceEnd>;

describe('untilYielded', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  function utterance(id: string, ends: Observable<UtteranceEnd>): Utterance {
    const end = new ReplaySubject<UtteranceEnd>(1);
    ends.subscribe(end);
    return { id, startMs: 0, audio: NEVER, end };
  }

  /** Utterances by name, whose ends are drawn beside them. */
  function expectThrough(source: string, yielded: string, expected: string, ends: object) {
    rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
      const values = Object.fromEntries(
        Object.entries(ends as Record<string, string>).map(([id, end]) => [
          id,
          utterance(id, hot(end, ENDS)),
        ]),
      );
      const source$ = hot(source, values);
      const result$ = source$.pipe(
        untilYielded(hot(yielded)),
        map(({ id }) => id),
      );
      expectObservable(result$).toBe(expected);
      const end = expected.search(/[|#]/);
      expectSubscriptions(source$.subscriptions).toBe(end < 0 ? '^' : `^${'-'.repeat(end - 1)}!`);
    });
  }

  it('should let everything through while nobody else is to hear it', () =>
    expectThrough('-a--b--|', '--------', '-a--b--|', { a: '--p', b: '-----p' }));

  it('should complete at once between two utterances', () =>
    expectThrough('-a------b-', '-----y----', '-a---|', { a: '---p', b: '---------p' }));

  it('should complete at once where nothing has been said', () =>
    expectThrough('------b-', '---y----', '---|', { b: '-------p' }));

  it('should complete with the end of the utterance that is going on', () =>
    expectThrough('-a------b-', '---y------', '-a----|', { a: '------p', b: '---------p' }));

  it('should let what goes on after a cut through', () =>
    expectThrough('-a----b---c', '---y-------', '-a----b--|', {
      a: '------c',
      b: '---------t',
      c: '-----------p',
    }));

  it('should wait for what goes on after a cut no longer than it takes', () => {
    rxTest.run(({ hot, expectObservable }) => {
      const source$ = hot('-a', { a: utterance('a', hot('------c', ENDS)) });
      const result$ = source$.pipe(
        untilYielded(hot('---y')),
        map(({ id }) => id),
      );
      expectObservable(result$).toBe('-a---- 500ms |');
    });
  });

  it('should complete with its source', () =>
    expectThrough('-a--|', '-----', '-a--|', { a: '-----p' }));

  it('should pass on an error', () => expectThrough('-a--#', '-----', '-a--#', { a: '--p' }));
});
