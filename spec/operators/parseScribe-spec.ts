import { expect } from 'chai';
import { parseScribe } from '../../operators/parseScribe.js';
import { SttError } from '../../operators/sttError.js';

const word = (logprob: number) => ({ type: 'word', logprob });

describe('parseScribe', () => {
  it('should read text and language', () => {
    const { text, language } = parseScribe({ text: ' نعم ', language_code: 'ara' });
    expect([text, language]).to.deep.equal(['نعم', 'ar']);
  });

  it('should join parts, and take the first language that is told', () => {
    const parts = [{ text: ' one' }, { text: ' ' }, { text: 'two ', language_code: 'eng' }];
    const { text, language } = parseScribe(...parts);
    expect([text, language]).to.deep.equal(['one two', 'en']);
  });

  it('should be as sure as it is of the mean word, over all parts', () => {
    const spacing = { type: 'spacing', logprob: -9 };
    const parts = [
      { text: 'one two', words: [word(-0.1), spacing, word(-0.2)] },
      { text: 'three', words: [word(-0.6), { type: 'audio_event', logprob: -9 }] },
    ];
    expect(parseScribe(...parts).confidence).to.be.closeTo(Math.exp(-0.3), 1e-9);
  });

  it('should be no surer than sure', () => {
    expect(parseScribe({ text: 'a', words: [word(0.1)] }).confidence).to.equal(1);
  });

  it('should have no certainty where no word has any', () => {
    for (const words of [undefined, [], [{ type: 'word' }], [{ type: 'spacing', logprob: 0 }]]) {
      expect(parseScribe({ text: 'a', words }).confidence).to.equal(undefined);
    }
  });

  it('should read nothing where there is nothing', () => {
    const nothing = { text: '', language: undefined, confidence: undefined };
    expect(parseScribe()).to.deep.equal(nothing);
    expect(parseScribe({ text: ' ' })).to.deep.equal(nothing);
  });

  it('should refuse what is no answer', () => {
    for (const answer of [undefined, null, 'text', 7, {}, { text: null }, []]) {
      expect(() => parseScribe({ text: 'a' }, answer))
        .to.throw(SttError)
        .with.property('kind', 'retry');
    }
  });
});
