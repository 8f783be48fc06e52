import { expect } from 'chai';
import { fnv1a } from '../../operators/fnv1a.js';

describe('fnv1a', () => {
  it('should give the published 64-bit test vectors', () => {
    expect(fnv1a('')).to.equal('cbf29ce484222325');
    expect(fnv1a('a')).to.equal('af63dc4c8601ec8c');
    expect(fnv1a('foobar')).to.equal('85944171f73967e8');
  });

  it('should hash the UTF-8 bytes of what is not ASCII', () => {
    expect(fnv1a('é')).to.not.equal(fnv1a('e'));
    expect(fnv1a('é')).to.match(/^[0-9a-f]{16}$/);
  });
});
