import { expect } from 'chai';
import { parseWhisper } from '../../operators/parseWhisper.js';
import { SttError } from '../../operators/sttError.js';

const segment = (text: string, avg_logprob: number, no_speech_prob = 0, start = 0, end = 1) => ({
  start,
  end,
  text,
  avg_logprob,
  no_speech_prob,
});

const read = (...segments: readonly unknown[]) =>
  parseWhisper({ text: ' as a whole ', language: 'english', segments });

describe('parseWhisper', () => {
  it('should join the segments', () => {
    const { text, language } = read(segment(' Good', -0.1), segment(' morning.', -0.1));
    expect([text, language]).to.deep.equal(['Good morning.', 'en']);
  });

  it('should weigh the certainty of segments by their length', () => {
    const { confidence } = read(segment(' a', -0.1, 0, 0, 3), segment(' b', -0.5, 0, 3, 4));
    expect(confidence).to.be.closeTo(Math.exp(-0.2), 1e-9);
  });

  it('should be no surer than sure', () => {
    expect(read(segment(' a', 0.1)).confidence).to.equal(1);
  });

  it('should have no certainty where the segments have no length', () => {
    expect(read(segment(' a', -0.1, 0, 1, 1)).confidence).to.equal(undefined);
  });

  it('should leave out a segment that is no speech and unsure, and no other', () => {
    expect(read(segment(' a', -1.01, 0.61)).text).to.equal('');
    expect(read(segment(' a', -1, 0.61)).text).to.equal('a');
    expect(read(segment(' a', -1.01, 0.6)).text).to.equal('a');
  });

  it('should take the whole text where there are no segments', () => {
    for (const segments of [undefined, null, [], 'none']) {
      const { text, confidence } = parseWhisper({ text: ' as a whole ', segments });
      expect([text, confidence]).to.deep.equal(['as a whole', undefined]);
    }
  });

  it('should have no language where none is told', () => {
    for (const language of [undefined, null, 7, 'Klingonese']) {
      expect(parseWhisper({ text: 'a', language }).language).to.equal(undefined);
    }
  });

  it('should refuse what is no answer', () => {
    for (const answer of [undefined, null, 'text', 7, {}, { text: null }, []]) {
      expect(() => parseWhisper(answer))
        .to.throw(SttError)
        .with.property('kind', 'retry');
    }
  });
});
