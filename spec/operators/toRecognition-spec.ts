import type { TestScheduler } from 'rxjs/testing';
import { toRecognition } from '../../operators/toRecognition.js';
import { createTestScheduler } from '../support/testScheduler.js';

const GROQ = { provider: 'groq', model: 'whisper' } as const;
const values = {
  t: { text: 'told', language: 'fr', confidence: 0.5 },
  u: { text: 'untold', language: undefined, confidence: undefined },
  e: { text: '', language: 'fr', confidence: 0.5 },
};
const results = {
  T: { text: 'told', language: 'fr', confidence: 0.5, ...GROQ },
  U: { text: 'untold', language: 'ar', confidence: undefined, ...GROQ },
  V: { text: 'untold', language: undefined, confidence: undefined, ...GROQ },
};

describe('toRecognition', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should say whose text it is, and in which language it was asked for', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const told = cold('  t-u-|', values);
      const subs = '       ^---!';
      const expected = '   T-U-|';
      expectObservable(told.pipe(toRecognition(GROQ, 'ar-SA'))).toBe(expected, results);
      expectSubscriptions(told.subscriptions).toBe(subs);
    });
  });

  it('should not know the language where nobody does', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('u|', values).pipe(toRecognition(GROQ, undefined))).toBe('V|', results);
    });
  });

  it('should pass over an empty text', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('e-|', values).pipe(toRecognition(GROQ, 'fr'))).toBe('--|');
      expectObservable(cold('---', values).pipe(toRecognition(GROQ, 'fr'))).toBe('---');
    });
  });

  it('should pass an error on', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('t#', values).pipe(toRecognition(GROQ, 'fr'))).toBe('T#', results);
    });
  });

  it('should let the source go when it is unsubscribed', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const told = cold('t---', values);
      expectObservable(told.pipe(toRecognition(GROQ, 'fr')), '^-!').toBe('T-', results);
      expectSubscriptions(told.subscriptions).toBe('^-!');
    });
  });
});
