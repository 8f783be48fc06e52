import { expect } from 'chai';

import { percentile } from '../../bench/percentile.js';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('should take the value that half of them do not exceed', () => {
    expect(percentile(hundred, 0.5)).to.equal(50);
    expect(percentile([3, 1, 2], 0.5)).to.equal(2);
    expect(percentile([4, 1, 3, 2], 0.5)).to.equal(2);
  });

  it('should take the value that 95 in 100 do not exceed', () => {
    expect(percentile(hundred, 0.95)).to.equal(95);
    expect(percentile([1, 2, 3], 0.95)).to.equal(3);
  });

  it('should take the greatest of all', () => {
    expect(percentile([5, 100, 20], 1)).to.equal(100);
  });

  it('should take the only value there is', () => {
    expect(percentile([7], 0.01)).to.equal(7);
  });

  it('should compare numbers as numbers and leave the values as they are', () => {
    const values = [10, 9, -1];
    expect(percentile(values, 0.5)).to.equal(9);
    expect(values).to.deep.equal([10, 9, -1]);
  });

  it('should refuse no values at all', () => {
    expect(() => percentile([], 0.5)).to.throw(RangeError, 'no values');
  });

  for (const share of [0, -0.5, 1.5, NaN]) {
    it(`should refuse ${share} as a share`, () => {
      expect(() => percentile([1], share)).to.throw(RangeError, 'not a share');
    });
  }
});
