import { expect } from 'chai';

import { fitLine } from '../../bench/fitLine.js';

describe('fitLine', () => {
  const points = (...ys: readonly number[]) => ys.map((y, x) => ({ x, y }));

  it('should find base and slope', () => {
    const { base, slope } = fitLine([3, 4, 5].map((x) => ({ x, y: 100 + 2 * x })));
    expect(slope).to.be.closeTo(2, 1e-9);
    expect(base).to.be.closeTo(100, 1e-9);
  });

  it('should be level where garbage comes and goes', () => {
    const { base, slope } = fitLine(points(0, 5, 5, 0));
    expect(slope).to.be.closeTo(0, 1e-9);
    expect(base).to.be.closeTo(2.5, 1e-9);
  });

  it('should fall where memory shrinks', () => {
    expect(fitLine(points(9, 6, 3)).slope).to.be.closeTo(-3, 1e-9);
  });

  it('should refuse what is no line', () => {
    expect(() => fitLine([])).to.throw(RangeError);
    expect(() => fitLine(points(1))).to.throw(RangeError);
  });
});
