import { expect } from 'chai';

import { isLoud, loudEndMs } from '../../bench/transcriptionLoud.js';

/** 10 ms at 16 kHz each. */
const voice = (...levels: readonly number[]) =>
  Int16Array.from(levels.flatMap((level) => Array.from({ length: 160 }, () => level)));

describe('isLoud', () => {
  it('should be a voice', () => {
    expect(isLoud(voice(-2_000))).to.equal(true);
  });

  it('should not be silence, breath or nothing', () => {
    for (const quiet of [voice(0), voice(-150), voice()]) expect(isLoud(quiet)).to.equal(false);
  });

  it('should go by the whole frame', () => {
    expect(isLoud(voice(0, 0, 0, 300))).to.equal(false);
  });
});

describe('loudEndMs', () => {
  it('should be the end of the last loud 10 ms', () => {
    expect(loudEndMs(voice(0, 2_000, 0, 2_000, 100, 0), 16_000)).to.equal(40);
  });

  it('should be the whole of what is loud to its end', () => {
    expect(loudEndMs(voice(0, 2_000), 16_000)).to.equal(20);
  });

  it('should leave out what is less than 10 ms', () => {
    const samples = new Int16Array(165);
    samples.fill(2_000, 160);
    expect(loudEndMs(samples, 16_000)).to.equal(0);
  });

  it('should be 0 where nothing is loud', () => {
    expect(loudEndMs(voice(0, 0), 16_000)).to.equal(0);
    expect(loudEndMs(new Int16Array(0), 16_000)).to.equal(0);
  });
});
