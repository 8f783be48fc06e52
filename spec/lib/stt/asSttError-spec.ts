import { expect } from 'chai';
import { asSttError } from '../../../lib/stt/asSttError.js';
import { failure } from '../../support/scriptedProvider.js';

describe('asSttError', () => {
  it('should leave an SttError as it is', () => {
    const error = failure('throttle', 1);
    expect(asSttError(error, 'groq')).to.equal(error);
  });

  it('should take anything else for a fatal flaw, and keep it as the cause', () => {
    const cause = new TypeError('flaw');
    const error = asSttError(cause, 'groq');
    expect(error).to.include({ kind: 'fatal', message: 'the adapter of groq failed', cause });
  });
});
