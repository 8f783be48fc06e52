import { expect } from 'chai';
import { type Observable, throwError } from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { withFallback } from '../../../lib/stt/withFallback.js';
import type { Recognition, SttProvider } from '../../../operators/types.js';
import {
  failure,
  outcomeOf,
  recognitionBy,
  scriptedProvider,
  utteranceOf,
} from '../../support/scriptedProvider.js';
import { createTestScheduler } from '../../support/testScheduler.js';

describe('withFallback', () => {
  let rxTest: TestScheduler;
  /** Texts that were the fallback's. */
  let texts: number;
  beforeEach(() => {
    rxTest = createTestScheduler();
    texts = 0;
  });

  const marbles = { d: recognitionBy('deepgram'), g: recognitionBy('groq') };
  const values = { d: 'deepgram', g: 'groq' };
  const fail = () => expect.fail('the fallback has no text');
  const always = (provider: SttProvider, request: Observable<Recognition>) =>
    scriptedProvider(provider, () => request);
  const both = (primary: Observable<Recognition>, fallback: Observable<Recognition>) =>
    withFallback(always('deepgram', primary), always('groq', fallback), () => (texts += 1));
  const asked = (primary: Observable<Recognition>, fallback: Observable<Recognition>) =>
    outcomeOf(both(primary, fallback).transcribe(utteranceOf('u'), 'en'));

  it('should be the primary, and leave the fallback alone while it serves', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const primary = cold('--(d|)', marbles);
      const fallback = cold('g', marbles);
      expect(both(primary, fallback)).to.include({ provider: 'deepgram', model: 'deepgram-1' });
      expectObservable(asked(primary, fallback)).toBe('--(d|)', values);
      expectSubscriptions(primary.subscriptions).toBe('^-!');
      expectSubscriptions(fallback.subscriptions).toBe([]);
    });
    expect(texts).to.equal(0);
  });

  it('should give an utterance that the primary fails on to the fallback', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const primary = cold(' --#      ', marbles, failure('fatal'));
      const primarySubs = '  ^-!      ';
      const fallback = cold('  ---(g|)', marbles);
      const fallbackSubs = ' --^--!   ';
      const expected = '     -----(g|)';
      expectObservable(asked(primary, fallback)).toBe(expected, values);
      expectSubscriptions(primary.subscriptions).toBe(primarySubs);
      expectSubscriptions(fallback.subscriptions).toBe(fallbackSubs);
    });
  });

  it('should hand over the same utterance in the same language', () => {
    const utterance = utteranceOf('u');
    const asked: unknown[] = [];
    const fallback = {
      ...always(
        'groq',
        throwError(() => failure('retry')),
      ),
      transcribe: (...args: unknown[]) => {
        asked.push(...args);
        return throwError(() => failure('retry'));
      },
    };
    const primary = always(
      'deepgram',
      throwError(() => failure('fatal')),
    );
    outcomeOf(withFallback(primary, fallback, fail).transcribe(utterance, 'ar')).subscribe();
    expect(asked).to.deep.equal([utterance, 'ar']);
    expect(asked[0]).to.equal(utterance);
  });

  it('should not ask the fallback once there is a text, nor where nothing was said', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const fallback = cold('g', marbles);
      const failsLater = cold('-d-#', marbles, failure('retry'));
      expectObservable(asked(failsLater, fallback)).toBe('-(d|)', values);
      expectObservable(asked(cold('--|'), fallback)).toBe('--|');
      expectSubscriptions(fallback.subscriptions).toBe([]);
    });
  });

  it('should emit one text of the fallback alone, whatever comes after it', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const primary = cold(' -#   ', marbles, failure('retry'));
      const fallback = cold(' -g-#', marbles, failure('retry'));
      expectObservable(asked(primary, fallback)).toBe('--(g|)', values);
    });
    expect(texts).to.equal(1);
  });

  it('should not tell of an utterance for which the fallback has no text either', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const primary = cold('-#', marbles, failure('retry'));
      expectObservable(asked(primary, cold('-|'))).toBe('--|');
      const failing = cold('-#', marbles, failure('fatal'));
      expectObservable(asked(primary, failing)).toBe('--(r|)', { r: 'retry' });
    });
    expect(texts).to.equal(0);
  });

  const hopes: readonly (readonly [Error, Error, string])[] = [
    [failure('fatal'), failure('retry', 500), 'retry 500'],
    [failure('retry', 500), failure('fatal'), 'retry 500'],
    [failure('fatal'), failure('fatal'), 'fatal'],
    [failure('retry', 900), failure('throttle', 700), 'throttle 700'],
    [failure('throttle', 700), failure('retry', 900), 'throttle 700'],
    [failure('retry'), failure('retry', 900), 'retry'],
    [failure('retry', 900), new TypeError('flaw'), 'retry 900'],
    [new TypeError('flaw'), new TypeError('flaw'), 'fatal'],
  ];
  hopes.forEach(([first, second, more], index) => {
    it(`should fail with the more hopeful of two errors: ${more} (${index + 1})`, () => {
      rxTest.run(({ cold, expectObservable }) => {
        const result = asked(cold('-#', marbles, first), cold('-#', marbles, second));
        expectObservable(result).toBe('--(m|)', { m: more });
      });
    });
  });

  it('should end whoever is being asked on unsubscription', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const primary = cold(' --#     ', marbles, failure('retry'));
      const fallback = cold('  ------', marbles);
      const unsub = '        ----!   ';
      expectObservable(asked(primary, fallback), unsub).toBe('-----');
      expectObservable(asked(primary, fallback), '-!').toBe('--');
      expectSubscriptions(primary.subscriptions).toBe(['^-!', '^!']);
      expectSubscriptions(fallback.subscriptions).toBe('--^-!');
    });
  });
});
