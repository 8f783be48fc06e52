import { expect } from 'chai';

import { slopePerMinute } from '../../bench/transcriptionSlope.js';

describe('slopePerMinute', () => {
  it('should be what is added each minute', () => {
    const samples = [3, 4, 5].map((minute) => ({ minute, mebibytes: 100 + 2 * minute }));
    expect(slopePerMinute(samples)).to.be.closeTo(2, 1e-9);
  });

  it('should be level where garbage comes and goes', () => {
    const samples = [0, 5, 5, 0].map((garbage, minute) => ({ minute, mebibytes: 100 + garbage }));
    expect(slopePerMinute(samples)).to.be.closeTo(0, 1e-9);
  });

  it('should be negative where memory shrinks', () => {
    const samples = [9, 6, 3].map((mebibytes, minute) => ({ minute, mebibytes }));
    expect(slopePerMinute(samples)).to.be.closeTo(-3, 1e-9);
  });

  it('should refuse what is no line', () => {
    expect(() => slopePerMinute([])).to.throw(RangeError);
    expect(() => slopePerMinute([{ minute: 1, mebibytes: 1 }])).to.throw(RangeError);
  });
});
