import { inspect } from 'node:util';
import { expect } from 'chai';
import { unreachableSttError } from '../../operators/unreachableSttError.js';
import { SttError } from '../../operators/sttError.js';

const coded = (code: unknown, cause?: unknown) =>
  Object.assign(new Error('sent the secret', { cause }), { code });

describe('unreachableSttError', () => {
  const reasons: readonly (readonly [string, unknown, string])[] = [
    ['its code', coded('ECONNRESET'), 'Groq cannot be reached: ECONNRESET'],
    [
      'a code below it',
      new Error('a', { cause: coded('ECONNREFUSED') }),
      'Groq cannot be reached: ECONNREFUSED',
    ],
    ['the innermost code', coded('OUTER', coded('INNER')), 'Groq cannot be reached: INNER'],
    ['a code above nothing', coded('OUTER', new Error('b')), 'Groq cannot be reached: OUTER'],
    ['no code that is none', coded(7), 'Groq cannot be reached'],
    ['nothing', undefined, 'Groq cannot be reached'],
    ['nothing of a text', 'the secret', 'Groq cannot be reached'],
  ];
  for (const [what, error, message] of reasons) {
    it(`should tell ${what}`, () => {
      const failure = unreachableSttError('Groq', error);
      expect(failure).to.be.instanceOf(SttError).with.property('kind', 'retry');
      expect(failure.message).to.equal(message);
      expect(inspect(failure)).not.to.include('secret');
    });
  }
});
