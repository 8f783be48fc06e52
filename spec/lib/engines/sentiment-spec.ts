import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { createScoreSentiment } from '../../../lib/engines/sentiment.js';
import type { SentimentScores } from '../../../operators/types.js';
import { processorTime } from '../../support/processorTime.js';

/** A text, and what the reference implementation says of it. */
interface Judged extends SentimentScores {
  readonly text: string;
}

/** The reference rounds to four digits. */
const EQUAL = 1e-4;
/** So many of the texts, the first ones, are what is said in a call. */
const CALL_LINES = 200;
/** What the reference does not know, and takes "don’t" for no negation. */
const TYPOGRAPHIC = /[\u2018\u2019\u201c\u201d\u2026]/;

describe('createScoreSentiment', () => {
  const score = createScoreSentiment();
  let reference: readonly Judged[];

  before(async () => {
    const file = new URL('../../fixtures/vader-reference.jsonl', import.meta.url);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    reference = lines.map((line) => JSON.parse(line) as Judged);
  });

  it('should give 99 % of 1,400 texts the compound of the reference', () => {
    const equal = reference.filter(
      ({ text, compound }) => Math.abs(score(text).compound - compound) <= EQUAL,
    );
    expect(reference).to.have.length(1_400);
    expect(equal.length / reference.length).to.be.at.least(0.99);
  });

  it('should give 99 % of the texts the shares of the reference, but for rounding', () => {
    const equal = reference.filter(({ text, pos, neu, neg }) => {
      const scores = score(text);
      const apart = [scores.pos - pos, scores.neu - neu, scores.neg - neg].map(Math.abs);
      return Math.max(...apart) < 0.0011;
    });
    expect(equal.length / reference.length).to.be.at.least(0.99);
  });

  it('should turn no line of a call into its opposite', () => {
    const opposite = reference
      .slice(0, CALL_LINES)
      .filter(({ text }) => !TYPOGRAPHIC.test(text))
      .filter(({ text, compound }) => score(text).compound * compound < 0);
    expect(opposite).to.deep.equal([]);
  });

  const lines = [
    ['Not happy.', -0.4585],
    ['No problem.', 0.3089],
    ['I have no complaints.', 0.3089],
    ['I am NOT happy about this bill.', -0.4585],
    ["I Don't like it", -0.2755],
    ['The product is nice But the support is horrible.', -0.0772],
    ['without doubt good', 0.6136],
    ['(good)', 0.4404],
    ['utter disaster', -0.659],
    ['That is SO frustrating.', -0.6866],
    ['Never so good.', 0.5777],
    ['What a flawed plan', -0.4767],
  ] as const;
  for (const [text, compound] of lines) {
    it(`should give "${text}" ${compound}, as the reference does`, () => {
      expect(score(text).compound).to.be.closeTo(compound, EQUAL);
    });
  }

  it('should read curly quotes, dashes and dots like straight ones', () => {
    expect(score('I don’t like it.')).to.deep.equal(score("I don't like it."));
    expect(score('“Great”—they said…')).to.deep.equal(score('"Great"-they said...'));
    expect(score('gr\u200beat')).to.deep.equal(score('great'));
  });

  it('should give a text without words no share of anything', () => {
    for (const text of ['', ' ', '\n\t']) {
      expect(score(text)).to.deep.equal({ compound: 0, pos: 0, neu: 0, neg: 0 });
    }
  });

  const odd = ['constructor', '__proto__', 'toString hasOwnProperty', '\0', '\ud800', '😀', '...'];
  for (const text of odd) {
    it(`should have no opinion on ${JSON.stringify(text)}`, () => {
      expect(score(text)).to.deep.equal({ compound: 0, pos: 0, neu: 1, neg: 0 });
      expect(score(`${text} good`).compound).to.equal(0.4404);
    });
  }

  const hostile = {
    'capitals before a small letter': `${'A'.repeat(1e6)}a`,
    'words of capitals before a small letter': `${'A'.repeat(2_000)}a `.repeat(500),
    'two alternating words': 'good but '.repeat(111_111),
    negations: 'no good '.repeat(125_000),
    'marks between letters': `x${'!'.repeat(1e6)}x`,
    'words of marks': `${'!'.repeat(4_000)}x `.repeat(250),
    blanks: ' '.repeat(1e6),
    'invisible characters': '\u200b'.repeat(1e6),
    'distinct words': Array.from({ length: 150_000 }, (_, n) => `w${n}`).join(' '),
  };
  for (const [name, text] of Object.entries(hostile)) {
    it(`should score 1 MB of ${name} in linear time`, () => {
      score('good');
      const worked = processorTime();
      score(text);
      expect(worked()).to.be.below(500);
    });
  }
});
