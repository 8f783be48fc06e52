import { expect } from 'chai';
import { mergeMap, type Observable, of, throwError } from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { rateLimit } from '../../../lib/stt/rateLimit.js';
import type { Recognition, SpeechToText } from '../../../operators/types.js';
import { collect } from '../../support/collect.js';
import {
  failure,
  outcomeOf,
  recognitionBy,
  scriptedProvider,
  utteranceOf,
} from '../../support/scriptedProvider.js';
import { createTestScheduler } from '../../support/testScheduler.js';

describe('rateLimit', () => {
  let rxTest: TestScheduler;
  let requested: string[];
  beforeEach(() => {
    rxTest = createTestScheduler();
    requested = [];
  });

  const limited = (...script: readonly Observable<Recognition>[]): SpeechToText => {
    const provider = scriptedProvider('groq', ({ id }, index) => {
      requested.push(`${id}@${rxTest.now()}`);
      return script[Math.min(index, script.length - 1)]!;
    });
    return rateLimit(provider, { now: () => rxTest.now() });
  };
  const asked = (stt: SpeechToText, id = 'u') =>
    outcomeOf(stt.transcribe(utteranceOf(id, 0), 'en'));

  const TEXT = of(recognitionBy('groq'));
  const THROTTLED = throwError(() => failure('throttle', 1_000));
  const values = { t: 'groq', x: 'throttle 1000', y: 'throttle', r: 'retry 1000' };

  it('should make every request at once while nothing is known against it', () => {
    rxTest.run(({ hot, expectObservable }) => {
      const source = hot('  (uuuuu)-u|');
      const expected = '    (ttttt)-t|';
      const stt = limited(TEXT);
      expect(stt).to.include({ provider: 'groq', model: 'groq-1' });
      expectObservable(source.pipe(mergeMap(() => asked(stt)))).toBe(expected, values);
    });
  });

  it('should make requests wait their turn after a refusal, in order', () => {
    rxTest.run(({ hot, expectObservable, flush }) => {
      const source = hot('  ta    (bcd)           ');
      const expected = '    tx t 5998ms t 5999ms t';
      const stt = limited(TEXT, THROTTLED, TEXT);
      expectObservable(source.pipe(mergeMap((id) => asked(stt, id)))).toBe(expected, values);
      flush();
      expect(requested).to.deep.equal(['t@0', 'a@1', 'b@2', 'c@6001', 'd@12001']);
    });
  });

  it('should learn from those refusals alone that say when to return', () => {
    rxTest.run(({ hot, expectObservable }) => {
      const source = hot('  uuuuu');
      const expected = '    tyxtt';
      const stt = limited(
        TEXT,
        throwError(() => failure('throttle')),
        throwError(() => failure('retry', 1_000)),
        TEXT,
      );
      const result = source.pipe(mergeMap(() => asked(stt)));
      expectObservable(result).toBe(expected, { ...values, x: 'retry 1000' });
    });
  });

  it('should refuse at once who would have to wait for more than 30 s', () => {
    rxTest.run(({ hot, expectObservable, flush }) => {
      const source = hot('  (ux)');
      const stt = limited(TEXT, THROTTLED, TEXT);
      expectObservable(source.pipe(mergeMap(() => asked(stt)))).toBe('(tx)', values);
      flush();
      const line = [1, 2, 3, 4, 5, 6, 7, 8].map(() => collect(asked(stt)));
      expect(line.flat()).to.deep.equal(['groq', 'throttle 36000', 'throttle 36000']);
    });
  });

  it('should not wait any longer once it is unsubscribed, and let those behind move up', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const stt = limited(TEXT, THROTTLED, TEXT);
      for (const id of ['t', 'x', 'a']) collect(asked(stt, id));
      expectObservable(asked(stt, 'gone'), '^ 999ms !').toBe('-');
      expectObservable(asked(stt, 'b'), '1001ms ^').toBe('6000ms (t|)', values);
      flush();
      expect(requested).to.deep.equal(['t@0', 'x@0', 'a@0', 'b@6000']);
    });
  });

  it('should end the request on unsubscription', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const request = cold<Recognition>('----');
      const unsub = '                    --^--!';
      const subs = '                     --^--!';
      expectObservable(asked(limited(request)), unsub).toBe('-----');
      expectSubscriptions(request.subscriptions).toBe(subs);
    });
  });
});
