import { expect } from 'chai';
import { memoryShare } from '../../lib/memoryShare.js';

const MEBIBYTE = 2 ** 20;
const share = (limit: number, numIdleProcesses: number) =>
  memoryShare({ memoryLimit: limit * MEBIBYTE, numIdleProcesses }) / MEBIBYTE;

describe('memoryShare', () => {
  it('should share out what the worker and a successor leave', () => {
    expect(share(512, 2)).to.equal((512 - 72 - 72) / 2);
    expect(share(512, 1)).to.equal(512 - 72 - 72);
    expect(share(1024, 4)).to.equal((1024 - 72 - 72) / 4);
  });

  it('should be as much as a host with a few calls needs, however little there is', () => {
    expect(share(256, 2)).to.equal(160);
    expect(share(512, 8)).to.equal(160);
  });
});
