import { expect } from 'chai';

import { firstAudible, firstAudibleAt, lastAudibleAt } from '../../bench/audibleAt.js';

/** 20 ms of silence but for some samples. */
function window(heard: Readonly<Record<number, number>>) {
  const samples = new Int16Array(960);
  for (const [position, sample] of Object.entries(heard)) samples[Number(position)] = sample;
  return { at: 1_000, samples };
}

describe('firstAudible', () => {
  it('should be the position of the first audible sample', () => {
    expect(firstAudible(Int16Array.of(0, 103, -103, -104, 2_000))).to.equal(3);
  });

  it('should be -1 where all is silence', () => {
    expect(firstAudible(Int16Array.of(0, 103, -103))).to.equal(-1);
    expect(firstAudible(new Int16Array())).to.equal(-1);
  });

  it('should take the lowest value there is for a loud one', () => {
    expect(firstAudible(Int16Array.of(0, -32_768))).to.equal(1);
  });
});

describe('firstAudibleAt', () => {
  it('should be the arrival plus the position of the first audible sample', () => {
    expect(firstAudibleAt(window({ 48: 500, 480: 500 }))).to.equal(1_001);
    expect(firstAudibleAt(window({ 0: -500 }))).to.equal(1_000);
  });

  it('should be nothing where all is silence', () => {
    expect(firstAudibleAt(window({ 48: 100 }))).to.equal(undefined);
  });
});

describe('lastAudibleAt', () => {
  it('should be the arrival plus the position of the last audible sample', () => {
    expect(lastAudibleAt(window({ 48: 500, 480: -500, 720: 50 }))).to.equal(1_010);
  });

  it('should be nothing where all is silence', () => {
    expect(lastAudibleAt(window({}))).to.equal(undefined);
  });
});
