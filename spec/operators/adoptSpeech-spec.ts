import { map, NEVER, type Observable, of, shareReplay } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { adoptSpeech } from '../../operators/adoptSpeech.js';
import type { Utterance, UtteranceEnd } from '../../operators/types.js';
import { createTestScheduler } from '../support/testScheduler.js';

const PAUSED = of({ endMs: 0, by: 'pause' } as const);
const CUT = of({ endMs: 0, by: 'cut' } as const);

const utterance = (id: string, startMs: number, end: Observable<UtteranceEnd>): Utterance => ({
  id,
  startMs,
  audio: NEVER,
  end,
});

describe('adoptSpeech', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  function expectOwn(
    source: string,
    until: string,
    expected: string,
    utterances: Record<string, Utterance>,
  ) {
    rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot(source, utterances);
      const until$ = hot(until, { u: 5 }).pipe(shareReplay({ bufferSize: 1, refCount: true }));
      const own$ = source$.pipe(
        adoptSpeech(until$),
        map(({ id }) => id),
      );
      expectObservable(own$).toBe(expected);
      expectSubscriptions(source$.subscriptions).toBe(
        `^${source.slice(1).replace(/\w/g, '-').replace(/[|#]/, '!')}`,
      );
    });
  }

  it('should hold everything back until it is known what is whose, and then lose nothing', () =>
    expectOwn('-a--b----c--|', '------u------', '------b--c--|', {
      a: utterance('a', 4, PAUSED),
      b: utterance('b', 5, PAUSED),
      c: utterance('c', 9, PAUSED),
    }));

  it('should leave alone what is known to have begun before, however late it comes', () =>
    expectOwn('----a--b--|', '-u---------', '-------b--|', {
      a: utterance('a', 4, PAUSED),
      b: utterance('b', 7, PAUSED),
    }));

  it('should leave alone what goes on after a cut in what is not its own', () =>
    expectOwn('--a-b-c-d-|', '-u---------', '--------d-|', {
      a: utterance('a', 4, CUT),
      b: utterance('b', 6, CUT),
      c: utterance('c', 8, PAUSED),
      d: utterance('d', 9, PAUSED),
    }));

  it('should take what goes on after a cut in its own', () =>
    expectOwn('--a-b-|', '-u-----', '--a-b-|', {
      a: utterance('a', 6, CUT),
      b: utterance('b', 8, PAUSED),
    }));

  it('should let nothing through while nothing is known', () =>
    expectOwn('-a-----', '-------', '-------', { a: utterance('a', 9, PAUSED) }));

  it('should pass on an error', () =>
    expectOwn('-a--#', 'u----', '-a--#', { a: utterance('a', 9, PAUSED) }));
});
