import { expect } from 'chai';
import { EMPTY, mergeMap, NEVER, type Observable, of, throwError } from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import type { Circuit } from '../../../lib/stt/circuit.js';
import { circuitBreaker } from '../../../lib/stt/circuitBreaker.js';
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

describe('circuitBreaker', () => {
  let rxTest: TestScheduler;
  let changes: Circuit['status'][];
  let requests: number;
  beforeEach(() => {
    rxTest = createTestScheduler();
    changes = [];
    requests = 0;
  });

  /** A breaker before requests that go as told, the last one again and again; cools down 2 s. */
  const breakerOf = (...script: readonly Observable<Recognition>[]): SpeechToText => {
    const provider = scriptedProvider('groq', (_, index) => {
      requests += 1;
      return script[Math.min(index, script.length - 1)]!;
    });
    return circuitBreaker(provider, {
      longestCoolDown: 10_000,
      onChange: ({ status }) => changes.push(status),
      now: () => rxTest.now(),
      random: () => 1,
    });
  };
  const asked = (stt: SpeechToText) => outcomeOf(stt.transcribe(utteranceOf('u', 0), 'en'));

  const FAILS = throwError(() => failure('retry'));
  const TEXT = of(recognitionBy('groq'));
  const values = { t: 'groq', x: 'retry', p: 'retry 1000', f: 'fatal' };

  it('should pass on what the provider says, and be the provider', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const request = cold('--t--|', { t: recognitionBy('groq') });
      const subs = '        ^----!';
      const expected = '    --t--|';
      const stt = breakerOf(request);
      expect(stt).to.include({ provider: 'groq', model: 'groq-1' });
      expectObservable(asked(stt)).toBe(expected, values);
      expectSubscriptions(request.subscriptions).toBe(subs);
    });
  });

  it('should make no request before it is subscribed to, and end it on unsubscription', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const request = cold<Recognition>('----');
      const unsub = '                    --^--!';
      const subs = '                     --^--!';
      expectObservable(asked(breakerOf(request)), unsub).toBe('-----');
      expectSubscriptions(request.subscriptions).toBe(subs);
    });
  });

  it('should make no request while the circuit is open', () => {
    rxTest.run(({ hot, expectObservable, flush }) => {
      const source = hot('  uuu 996ms u 1001ms uu|');
      const expected = '    xxx 996ms a 1001ms bx|';
      const stt = breakerOf(FAILS);
      const refused = { a: 'retry 1003', b: 'retry 1' };
      const result = source.pipe(mergeMap(() => asked(stt)));
      expectObservable(result).toBe(expected, { ...values, ...refused });
      flush();
      expect(requests).to.equal(4);
    });
  });

  it('should try it out with one utterance, refuse the others, and close when it is served', () => {
    rxTest.run(({ hot, cold, expectObservable, expectSubscriptions, flush }) => {
      const source = hot('  uuu 1999ms uu-uu|');
      const probe = cold('             --(t|)', { t: recognitionBy('groq') });
      const probeSubs = '   2002ms     ^-!   ';
      const expected = '    xxx 1999ms -pttt|';
      const stt = breakerOf(FAILS, FAILS, FAILS, probe, TEXT);
      expectObservable(source.pipe(mergeMap(() => asked(stt)))).toBe(expected, values);
      expectSubscriptions(probe.subscriptions).toBe(probeSubs);
      flush();
      expect(changes).to.deep.equal(['closed', 'closed', 'open', 'probing', 'closed']);
    });
  });

  const RECOGNITIONS = { t: recognitionBy('groq') };
  const beforeThat: Readonly<Record<string, string>> = { '(t|)': 't', '#': 'f', '|': '-' };
  for (const [late, outcome] of Object.entries(beforeThat)) {
    it(`should not judge a trial by ${late} of a request from before`, () => {
      rxTest.run(({ hot, cold, expectObservable }) => {
        const source = hot('  uuuu 1999ms u--u--u|');
        const before = cold(` 2005ms        ${late}`, RECOGNITIONS, failure('fatal'));
        const probe = cold('              -----#', RECOGNITIONS, failure('retry'));
        const expected = `    -xxx 1999ms --${outcome}p-xo|`;
        const stt = breakerOf(before, FAILS, FAILS, FAILS, probe);
        const result = source.pipe(mergeMap(() => asked(stt)));
        expectObservable(result).toBe(expected, { ...values, o: 'retry 3999' });
      });
    });
  }

  it('should let the next one try when the one that tried is given up', () => {
    rxTest.run(({ expectObservable }) => {
      const stt = breakerOf(FAILS, FAILS, FAILS, NEVER, TEXT);
      for (const at of ['^', '-^', '--^'])
        expectObservable(asked(stt), at).toBe(at.replace('^', '(x|)'), values);
      expectObservable(asked(stt), '2002ms ^--!').toBe('2002ms ----');
      expectObservable(asked(stt), '2004ms ^').toBe('2004ms (p|)', values);
      expectObservable(asked(stt), '2006ms ^').toBe('2006ms (t|)', values);
    });
  });

  it('should take an utterance in which nothing was said for one that was served', () => {
    const stt = breakerOf(FAILS, FAILS, EMPTY, FAILS, FAILS, EMPTY);
    for (let i = 0; i < 6; i++) collect(asked(stt));
    expect(requests).to.equal(6);
    expect(changes).not.to.include('open');
  });

  it('should take a flaw of the adapter for a fatal failure, and pass it on', () => {
    const stt = breakerOf(throwError(() => new TypeError('flaw')));
    expect(collect(asked(stt))).to.deep.equal(['no SttError']);
    expect(collect(asked(stt))).to.deep.equal(['retry 5000']);
  });
});
