import { expect } from 'chai';

import { carriesTone, levelDbfs, recognizeTone, toneDbfs } from '../../demo/toneRecognizer.js';
import { sine } from '../support/sine.js';

const KNOWN = [425, 600, 1_000, 1_400];

function mix(...signals: Int16Array[]): Int16Array {
  return signals[0]!.map((_, n) => signals.reduce((sum, signal) => sum + signal[n]!, 0));
}

/** White noise, the same at each run. */
function noise(ms: number, dbfs: number): Int16Array {
  let state = 1;
  const peak = 32_767 * 10 ** (dbfs / 20);
  return Int16Array.from({ length: ms * 48 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return peak * ((2 * state) / 2_147_483_647 - 1);
  });
}

describe('toneRecognizer', () => {
  it('should measure a full-scale sine at -3 dBFS and silence at minus infinity', () => {
    expect(levelDbfs(sine(1_000, 20, 0))).to.be.closeTo(-3.01, 0.01);
    expect(levelDbfs(new Int16Array(960))).to.equal(-Infinity);
  });

  it('should measure a tone at its own level, whatever its frequency', () => {
    for (const hz of KNOWN) expect(toneDbfs(sine(hz, 20, -20), hz)).to.be.closeTo(-23, 0.3);
  });

  it('should hear nothing of a tone 150 Hz away', () => {
    expect(toneDbfs(sine(1_000, 20), 1_150)).to.be.below(-45);
    expect(carriesTone(sine(1_000, 20), 1_150)).to.equal(false);
  });

  it('should recognise each known tone', () => {
    for (const hz of KNOWN) expect(recognizeTone(sine(hz, 20), KNOWN)?.hz).to.equal(hz);
  });

  it('should recognise a tone that is slightly off, as a resampler may leave it', () => {
    expect(recognizeTone(sine(1_008, 20), KNOWN)?.hz).to.equal(1_000);
  });

  it('should recognise a tone in noise 10 dB below it', () => {
    expect(recognizeTone(mix(sine(600, 20, -12), noise(20, -17)), KNOWN)?.hz).to.equal(600);
  });

  it('should recognise the louder of two tones, and both by their share', () => {
    const mixture = mix(sine(425, 20, -12), sine(1_400, 20, -18));
    expect(recognizeTone(mixture, KNOWN)?.hz).to.equal(425);
    expect(carriesTone(mixture, 1_400, 0.1)).to.equal(true);
    expect(carriesTone(mixture, 1_000, 0.1)).to.equal(false);
  });

  it('should recognise nothing in silence, noise, unknown tones and inaudible ones', () => {
    expect(recognizeTone(new Int16Array(960), KNOWN)).to.equal(undefined);
    expect(recognizeTone(noise(20, -12), KNOWN)).to.equal(undefined);
    expect(recognizeTone(sine(3_000, 20), KNOWN)).to.equal(undefined);
    expect(recognizeTone(sine(425, 20, -60), KNOWN)).to.equal(undefined);
  });
});
