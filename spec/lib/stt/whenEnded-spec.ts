import { expect } from 'chai';
import { type TestScheduler } from 'rxjs/testing';
import { whenEnded } from '../../../lib/stt/whenEnded.js';
import type { UtteranceEnd } from '../../../operators/types.js';
import {
  failure,
  outcomeOf,
  recognitionBy,
  scriptedProvider,
  utteranceOf,
} from '../../support/scriptedProvider.js';
import { createTestScheduler } from '../../support/testScheduler.js';

describe('whenEnded', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  const marbles = { t: recognitionBy('groq') };
  const values = { t: 'groq', f: 'fatal' };
  const ends: Record<string, UtteranceEnd> = { e: { endMs: 1, by: 'pause' } };

  it('should ask when the utterance has ended', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const end = hot('    ---e         ', ends);
      const endSubs = '    ^--!         ';
      const request = cold('  --(t|)    ', marbles);
      const requestSubs = '---^-!       ';
      const expected = '   -----(t|)    ';
      const stt = whenEnded(scriptedProvider('groq', () => request));
      expect(stt).to.include({ provider: 'groq', model: 'groq-1' });
      expectObservable(outcomeOf(stt.transcribe({ ...utteranceOf('u'), end }, 'en'))).toBe(
        expected,
        values,
      );
      expectSubscriptions(end.subscriptions).toBe(endSubs);
      expectSubscriptions(request.subscriptions).toBe(requestSubs);
    });
  });

  it('should ask at once about an utterance that is over, and pass on its failure', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const request = cold('--#', marbles, failure('fatal'));
      const stt = whenEnded(scriptedProvider('groq', () => request));
      expectObservable(outcomeOf(stt.transcribe(utteranceOf('u', 1), 'en'))).toBe('--(f|)', values);
    });
  });

  it('should never ask about an utterance that does not end, and let go of it', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const request = cold('t', marbles);
      const end = hot<UtteranceEnd>('----');
      const stt = whenEnded(scriptedProvider('groq', () => request));
      const result = outcomeOf(stt.transcribe({ ...utteranceOf('u'), end }, 'en'));
      expectObservable(result, '^--!').toBe('----');
      expectSubscriptions(end.subscriptions).toBe('^--!');
      expectSubscriptions(request.subscriptions).toBe([]);
    });
  });

  it('should end the request on unsubscription', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const request = cold('----', marbles);
      const stt = whenEnded(scriptedProvider('groq', () => request));
      const result = outcomeOf(stt.transcribe(utteranceOf('u', 1), 'en'));
      expectObservable(result, '^--!').toBe('----');
      expectSubscriptions(request.subscriptions).toBe('^--!');
    });
  });
});
