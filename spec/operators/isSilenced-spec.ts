import { expect } from 'chai';
import { isSilenced } from '../../operators/isSilenced.js';

describe('isSilenced', () => {
  it('should believe what a bot has said', () => {
    expect(isSilenced({ 'media.error': 'isolation_failed: why' }, undefined)).to.equal(true);
    expect(isSilenced({ 'media.error': 'asset_refused: why' }, undefined)).to.equal(false);
    expect(isSilenced({}, undefined)).to.equal(false);
  });

  it('should take a held target who may subscribe to nothing for silenced', () => {
    expect(isSilenced({ 'media.held': 'true' }, false)).to.equal(true);
    expect(isSilenced({ 'media.held': 'true' }, true)).to.equal(false);
    expect(isSilenced({ 'media.held': 'true' }, undefined)).to.equal(false);
  });

  it('should leave those alone who are not held', () => {
    expect(isSilenced({ 'media.held': 'false' }, false)).to.equal(false);
    expect(isSilenced({}, false)).to.equal(false);
  });
});
