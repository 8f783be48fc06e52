import { expect } from 'chai';
import { of } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type {
  LanguageTag,
  ScoreSentiment,
  Sentiment,
  SentimentScores,
  Transcript,
} from '../../operators/types.js';
import { withSentiment } from '../../operators/withSentiment.js';
import { createTestScheduler } from '../support/testScheduler.js';

const transcript = (text: string, language: LanguageTag | undefined): Transcript => ({
  id: 'u1',
  text,
  language,
  confidence: undefined,
  provider: 'groq',
  model: 'whisper-large-v3-turbo',
  startMs: 1_000,
  endMs: 2_000,
});
const scores = (compound: number): SentimentScores => ({
  compound,
  pos: 0.25,
  neu: 0.5,
  neg: 0.25,
});
/** Here, every text says its own compound. */
const score: ScoreSentiment = (text) => scores(Number(text));
const fail: ScoreSentiment = () => {
  throw new Error('no lexicon');
};
const unexpected = (error: unknown) => {
  throw new Error('failed', { cause: error });
};
const sentimentOf = (text: string, language: LanguageTag | undefined) =>
  new Promise<Sentiment>((resolve, reject) => {
    of(transcript(text, language))
      .pipe(withSentiment(score, unexpected))
      .subscribe({ next: ({ sentiment }) => resolve(sentiment), error: reject });
  });

describe('withSentiment', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should add its sentiment to every transcript as it comes', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [transcript('0.8', 'en'), transcript('-0.6', 'en')];
      const source = cold(' -a--b-|', { a, b });
      const subs = '        ^-----!';
      const expected = '    -A--B-|';
      expectObservable(source.pipe(withSentiment(score, unexpected))).toBe(expected, {
        A: { ...a, sentiment: { ...scores(0.8), label: 'positive', supported: true } },
        B: { ...b, sentiment: { ...scores(-0.6), label: 'negative', supported: true } },
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should pass completion, error and silence', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const judged = withSentiment(score, unexpected);
      expectObservable(cold<Transcript>('|  ').pipe(judged)).toBe('|  ');
      expectObservable(cold<Transcript>('---').pipe(judged)).toBe('---');
      expectObservable(cold<Transcript>('--#').pipe(judged)).toBe('--#');
    });
  });

  it('should unsubscribe from the source early', () => {
    rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
      const a = transcript('0', 'en');
      const source = hot(' -a--a-a-', { a });
      const unsub = '      ---!     ';
      const expected = '   -A---    ';
      const A = { ...a, sentiment: { ...scores(0), label: 'neutral', supported: true } };
      expectObservable(source.pipe(withSentiment(score, unexpected)), unsub).toBe(expected, { A });
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  const labels = [
    ['1', 'positive'],
    ['0.05', 'positive'],
    ['0.0499', 'neutral'],
    ['0', 'neutral'],
    ['-0.0499', 'neutral'],
    ['-0.05', 'negative'],
    ['-1', 'negative'],
  ] as const;
  for (const [compound, label] of labels) {
    it(`should call ${compound} ${label}`, async () => {
      expect((await sentimentOf(compound, 'en')).label).to.equal(label);
    });
  }

  for (const language of ['en', 'EN', 'en-GB', 'en-us']) {
    it(`should have a say in ${language}`, async () => {
      const sentiment = { ...scores(0.5), label: 'positive', supported: true };
      expect(await sentimentOf('0.5', language)).to.deep.equal(sentiment);
    });
  }

  for (const language of ['ar', 'fr-CA', 'de', 'enm', 'x-en', '', 'English please', undefined]) {
    it(`should have no say in ${JSON.stringify(language)}, and still tell the scores`, async () => {
      const sentiment = { ...scores(-0.5), label: 'unknown', supported: false };
      expect(await sentimentOf('-0.5', language)).to.deep.equal(sentiment);
    });
  }

  it('should lose no transcript because its score failed', () => {
    rxTest.run(({ cold, expectObservable, flush }) => {
      const a = transcript('fine', 'en');
      const failures: unknown[] = [];
      const judged = withSentiment(fail, (error, of) => failures.push([String(error), of]));
      const sentiment = { compound: 0, pos: 0, neu: 0, neg: 0, label: 'unknown', supported: false };
      expectObservable(cold('-a-a|', { a }).pipe(judged)).toBe('-A-A|', { A: { ...a, sentiment } });
      flush();
      expect(failures).to.deep.equal([
        ['Error: no lexicon', a],
        ['Error: no lexicon', a],
      ]);
    });
  });

  it('should pass on what the callback throws', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-a|', { a: transcript('fine', 'en') });
      const broken = withSentiment(fail, () => {
        throw new Error('broken callback');
      });
      expectObservable(source.pipe(broken)).toBe('-#', {}, new Error('broken callback'));
      expectSubscriptions(source.subscriptions).toBe('^!');
    });
  });
});
