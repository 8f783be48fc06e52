import { map, NEVER, of, shareReplay } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { adoptSpeech, type YieldedUtterance } from '../../operators/adoptSpeech.js';
import type { Utterance, UtteranceEnd } from '../../operators/types.js';
import { createTestScheduler } from '../support/testScheduler.js';

const utterance = (
  id: string,
  startMs: number,
  endMs: number,
  by: UtteranceEnd['by'] = 'pause',
): Utterance => ({ id, startMs, audio: NEVER, end: of({ endMs, by }) });

/** What the other bot sees to: `o` goes on when it is told, at 50, `e` has ended there. */
const YIELDED: Record<string, YieldedUtterance | undefined> = {
  e: { startMs: 20, endMs: 50, open: false },
  o: { startMs: 20, endMs: 50, open: true },
  n: undefined,
};

describe('adoptSpeech', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  function expectOwn(
    source: string,
    yielded: string,
    expected: string,
    utterances: readonly Utterance[],
  ) {
    rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot(source, Object.fromEntries(utterances.map((each) => [each.id, each])));
      const yielded$ = hot(yielded, YIELDED).pipe(shareReplay({ bufferSize: 1, refCount: true }));
      const own$ = source$.pipe(
        adoptSpeech(yielded$),
        map(({ id }) => id),
      );
      expectObservable(own$).toBe(expected);
      const subscribed = source.slice(1).replace(/\w/g, '-').replace(/[|#]/, '!');
      expectSubscriptions(source$.subscriptions).toBe(`^${subscribed}`);
    });
  }

  it('should hold everything back until it is known what is whose, and then lose nothing', () =>
    expectOwn('-a--b----c--|', '------e------', '------b--c--|', [
      utterance('a', 25, 45),
      utterance('b', 60, 70),
      utterance('c', 90, 99),
    ]));

  it('should leave alone what is known to have begun before, however late it comes', () =>
    expectOwn('----a--b--|', '-e---------', '-------b--|', [
      utterance('a', 25, 55),
      utterance('b', 90, 99),
    ]));

  it('should leave alone what goes on in the ears of the other bot, and all before', () =>
    expectOwn('-abc------d|', '----o-------', '----------d|', [
      utterance('a', 1, 4),
      utterance('b', 8, 15),
      utterance('c', 22, 60),
      utterance('d', 80, 90),
    ]));

  it('should take what has begun since, where the other bot is behind and hears the one before', () =>
    expectOwn('-ab-|', '---o--', '---b|', [utterance('a', 22, 35), utterance('b', 45, 70)]));

  it('should take what comes later where it has not heard the last one of the other bot', () =>
    expectOwn('--a-|', '-o---', '--a-|', [utterance('a', 60, 70)]));

  it('should leave alone what goes on after a cut in what is not its own', () =>
    expectOwn('--a-b-c-d-|', '-e---------', '--------d-|', [
      utterance('a', 25, 60, 'cut'),
      utterance('b', 60, 70, 'cut'),
      utterance('c', 70, 80),
      utterance('d', 90, 99),
    ]));

  it('should take what goes on after a cut in its own', () =>
    expectOwn('--a-b-|', '-e-----', '--a-b-|', [
      utterance('a', 60, 70, 'cut'),
      utterance('b', 70, 80),
    ]));

  it('should take everything where the other bot sees to nothing', () =>
    expectOwn('-ab------|', '---n------', '---(ab)--|', [
      utterance('a', 1, 4),
      utterance('b', 8, 15),
    ]));

  it('should let nothing through while nothing is known', () =>
    expectOwn('-a-----', '-------', '-------', [utterance('a', 90, 99)]));

  it('should pass on an error', () =>
    expectOwn('-a--#', 'e----', '-a--#', [utterance('a', 90, 99)]));
});
