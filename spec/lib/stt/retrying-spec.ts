import { expect } from 'chai';
import { type Observable, of, throwError } from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { type Patience, retrying } from '../../../lib/stt/retrying.js';
import type { Recognition } from '../../../operators/types.js';
import {
  failure,
  outcomeOf,
  recognitionBy,
  scriptedProvider,
  utteranceOf,
} from '../../support/scriptedProvider.js';
import { createTestScheduler } from '../../support/testScheduler.js';

describe('retrying', () => {
  let rxTest: TestScheduler;
  let attempts: number[];
  beforeEach(() => {
    rxTest = createTestScheduler();
    attempts = [];
  });

  const BRIEF: Patience = { attempts: 2, waits: false };
  const PERSISTENT: Patience = { attempts: 10, waits: true };
  const FAILS = throwError(() => failure('retry'));
  const TEXT = of(recognitionBy('groq'));
  const values = { t: 'groq', x: 'retry', f: 'fatal', r: 'retry 5000', T: 'throttle' };
  const later = (retryAfter: number) => throwError(() => failure('retry', retryAfter));

  /** What comes of one utterance when its attempts go as told, the last one again and again. */
  const tried = (
    patience: Patience,
    script: readonly Observable<Recognition>[],
    random = () => 1,
  ): Observable<string> => {
    const provider = scriptedProvider('groq', (_, index) => {
      attempts.push(rxTest.now());
      return script[Math.min(index, script.length - 1)]!;
    });
    const stt = retrying(provider, patience, { random });
    return outcomeOf(stt.transcribe(utteranceOf('u'), 'en'));
  };

  it('should try again after a failure, with the whole utterance', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const failing = cold<Recognition>('-#         ', undefined, failure('retry'));
      const failingSubs = '^!         ';
      const text = cold('--t--|', { t: recognitionBy('groq') });
      const textSubs = '251ms ^-!';
      const result = tried(PERSISTENT, [failing, text]);
      expectObservable(result).toBe('253ms (t|)', values);
      expectSubscriptions(failing.subscriptions).toBe(failingSubs);
      expectSubscriptions(text.subscriptions).toBe(textSubs);
    });
  });

  it('should wait for up to twice as long each time, up to 10 s', () => {
    rxTest.run(({ expectObservable, flush }) => {
      expectObservable(tried(PERSISTENT, [FAILS])).toBe('45750ms (x|)', values);
      flush();
      const waits = attempts.slice(1).map((at, i) => at - attempts[i]!);
      const growing = [250, 500, 1_000, 2_000, 4_000, 8_000];
      expect(waits).to.deep.equal([...growing, 10_000, 10_000, 10_000]);
    });
  });

  it('should leave the whole of the wait to chance', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const random = () => 0.5;
      expectObservable(tried(PERSISTENT, [FAILS, FAILS, TEXT], random)).toBe('375ms (t|)', values);
      flush();
      expect(attempts).to.deep.equal([0, 125, 375]);
    });
  });

  it('should give up after its last attempt, with the error of that one', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const script = [FAILS, throwError(() => failure('throttle')), TEXT];
      expectObservable(tried(BRIEF, script)).toBe('250ms (T|)', values);
      flush();
      expect(attempts).to.have.length(2);
    });
  });

  it('should give up at once when the failure is fatal', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const fatal = throwError(() => failure('fatal'));
      expectObservable(tried(PERSISTENT, [fatal, TEXT])).toBe('(f|)', values);
      flush();
      expect(attempts).to.have.length(1);
    });
  });

  it('should give up at once when told to come back later, if it does not wait', () => {
    rxTest.run(({ expectObservable, flush }) => {
      expectObservable(tried(BRIEF, [later(5_000), TEXT])).toBe('(r|)', values);
      flush();
      expect(attempts).to.have.length(1);
    });
  });

  it('should come back when told to, and not count it as an attempt', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const script = [later(5_000), later(1_000), FAILS, TEXT];
      const patience = { attempts: 2, waits: true };
      expectObservable(tried(patience, script)).toBe('6750ms (t|)', values);
      flush();
      expect(attempts).to.deep.equal([0, 5_250, 6_500, 6_750]);
    });
  });

  it('should not stay away for longer than 10 s', () => {
    rxTest.run(({ expectObservable }) => {
      const result = tried(PERSISTENT, [later(3_600_000), TEXT], () => 0);
      expectObservable(result).toBe('10s (t|)', values);
    });
  });

  it('should emit one text alone, whatever comes after it', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const failing = cold('-t-#', { t: recognitionBy('groq') }, failure('retry'));
      const subs = '        ^!   ';
      const expected = '    -(t|)';
      expectObservable(tried(PERSISTENT, [failing])).toBe(expected, values);
      expectSubscriptions(failing.subscriptions).toBe(subs);
    });
  });

  it('should complete without a text where nothing was said', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(tried(PERSISTENT, [cold('--|')])).toBe('--|');
    });
  });

  it('should end the attempt on unsubscription, and the waiting for the next one', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const request = cold<Recognition>('----');
      const subs = '                     ^--!';
      expectObservable(tried(PERSISTENT, [request]), '^--!').toBe('----');
      expectObservable(tried(PERSISTENT, [FAILS]), '^ 100ms !').toBe('-');
      expectSubscriptions(request.subscriptions).toBe(subs);
      flush();
      expect(attempts).to.deep.equal([0, 0]);
    });
  });

  it('should take a flaw of the provider for a fatal failure', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const flaw = throwError(() => new TypeError('flaw'));
      expectObservable(tried(PERSISTENT, [flaw, TEXT])).toBe('(f|)', values);
      flush();
      expect(attempts).to.have.length(1);
    });
  });
});
