import { expect } from 'chai';
import { httpSttError } from '../../operators/httpSttError.js';
import { SttError, type SttErrorKind } from '../../operators/sttError.js';

const STATUSES: Readonly<Record<SttErrorKind, readonly number[]>> = {
  fatal: [400, 401, 402, 403, 404, 413, 415, 422],
  retry: [408, 409, 425, 500, 502, 503, 504, 529],
  throttle: [429, 498],
};

describe('httpSttError', () => {
  for (const [kind, statuses] of Object.entries(STATUSES)) {
    it(`should call ${statuses.join(', ')} a failure of kind ${kind}`, () => {
      for (const status of statuses) {
        const error = httpSttError('Groq', { status });
        expect(error, String(status)).to.be.instanceOf(SttError);
        expect(error, String(status)).to.deep.include({ kind, retryAfter: undefined });
      }
    });
  }

  const busy = (status: number) =>
    httpSttError('Groq', { status, headerOf: (name) => (name === 'retry-after' ? '2' : null) });

  it('should take a server that says when to return for throttling', () => {
    for (const status of [429, 498, 500, 503]) {
      expect(busy(status)).to.deep.include({ kind: 'throttle', retryAfter: 2_000 });
    }
  });

  it('should not return for the same mistake, whatever the server says', () => {
    expect(busy(401)).to.deep.include({ kind: 'fatal', retryAfter: undefined });
  });

  it('should name provider, status and code', () => {
    const refusal = { status: 401, code: 'invalid_api_key' };
    expect(httpSttError('Groq', refusal).message).to.equal('Groq answered 401 invalid_api_key');
    expect(httpSttError('Groq', { status: 500 }).message).to.equal('Groq answered 500');
  });
});
