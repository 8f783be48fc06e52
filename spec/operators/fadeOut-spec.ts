import { expect } from 'chai';
import { fadeOut } from '../../operators/fadeOut.js';
import { flatFrame } from '../support/frames.js';

const flat = (length: number) => flatFrame(10_000, length).samples;

describe('fadeOut', () => {
  it('should fall along a cosine to exactly 0 within 20 ms', () => {
    const faded = fadeOut(flat(5_000));
    expect(faded).to.have.length(960);
    expect(faded[0]).to.be.at.least(9_999);
    expect(faded[479]).to.equal(7_071);
    expect(faded[959]).to.equal(0);
  });

  it('should never rise', () => {
    const faded = fadeOut(flat(960));
    expect(faded.every((sample, i) => i === 0 || sample <= faded[i - 1]!)).to.equal(true);
  });

  it('should reach 0 at the end of a rest that is shorter', () => {
    const faded = fadeOut(flat(100));
    expect(faded).to.have.length(100);
    expect(faded[49]).to.equal(7_071);
    expect(faded[99]).to.equal(0);
  });

  it('should give nothing for nothing', () => {
    expect(fadeOut(flat(0))).to.have.length(0);
    expect(fadeOut(flat(10), 0)).to.have.length(0);
  });

  it('should give a single sample the value 0', () => {
    expect([...fadeOut(flat(1))]).to.deep.equal([0]);
  });

  it('should take duration and rate into account', () => {
    expect(fadeOut(flat(5_000), 10)).to.have.length(480);
    expect(fadeOut(flat(5_000), 20, 8_000)).to.have.length(160);
  });

  it('should own its buffer and leave the rest as it was', () => {
    const rest = flat(2_000);
    const faded = fadeOut(rest);
    expect(faded.byteLength).to.equal(faded.buffer.byteLength);
    expect(rest).to.deep.equal(flat(2_000));
  });
});
