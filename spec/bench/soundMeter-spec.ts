import { expect } from 'chai';

import { createSoundMeter } from '../../bench/soundMeter.js';

/** 10 ms each at 16 kHz: loud or silent. */
const sound = (...loud: readonly boolean[]) =>
  Int16Array.from(loud.flatMap((is) => Array.from({ length: 160 }, () => (is ? 1_000 : 0))));

describe('createSoundMeter', () => {
  it('should tell for how long there was sound', () => {
    const meter = createSoundMeter(16);
    meter.hear(sound(true, false, true));
    meter.hear(sound(true));
    expect(meter.heardMs()).to.equal(30);
  });

  it('should find the longest silence, across the borders of what is heard', () => {
    const meter = createSoundMeter(16);
    for (const part of [sound(true, false), sound(false, false), sound(true, false, true)]) {
      meter.hear(part);
    }
    expect(meter.takeLongestGap()).to.equal(30);
  });

  it('should begin anew, but not forget a silence that goes on', () => {
    const meter = createSoundMeter(16);
    meter.hear(sound(false, false, false, true, false));
    expect(meter.takeLongestGap()).to.equal(30);
    expect(meter.takeLongestGap()).to.equal(10);
    meter.hear(sound(false, true));
    expect(meter.takeLongestGap()).to.equal(20);
    expect(meter.takeLongestGap()).to.equal(0);
  });
});
