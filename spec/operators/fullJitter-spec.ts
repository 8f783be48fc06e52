import { expect } from 'chai';
import { fullJitter } from '../../operators/fullJitter.js';

describe('fullJitter', () => {
  it('should double the range with each attempt, up to the longest', () => {
    const growth = { first: 100, longest: 1_000 };
    const ranges = [0, 1, 2, 3, 4, 5].map((attempt) => fullJitter(attempt, growth, 1));
    expect(ranges).to.deep.equal([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('should go on doubling where nothing is the longest', () => {
    expect(fullJitter(10, { first: 100 }, 1)).to.equal(102_400);
  });

  it('should fall anywhere into the range', () => {
    expect(fullJitter(1, { first: 100 }, 0)).to.equal(0);
    expect(fullJitter(1, { first: 100 }, 0.25)).to.equal(50);
    expect(fullJitter(1, { first: 100 })).to.be.within(0, 200);
  });
});
