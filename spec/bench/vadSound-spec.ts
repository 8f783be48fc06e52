import { expect } from 'chai';

import { atLevel, levelOf, mix, noise, padded, spokenSpans } from '../../bench/vadSound.js';
import { sineFrame } from '../support/frames.js';
import { seededRandom } from '../support/seededRandom.js';

/** So many milliseconds at 16 kHz, RMS -13.3 dBFS. */
const tone = (ms: number) => sineFrame(400, 16 * ms, 16_000).samples;

describe('vadSound', () => {
  it('should tell the level of the sound alone, and set it', () => {
    expect(levelOf(tone(500))).to.be.closeTo(-13.3, 0.1);
    expect(levelOf(padded(tone(500), 300, 700))).to.be.closeTo(-13.3, 0.1);
    expect(levelOf(atLevel(tone(500), -40))).to.be.closeTo(-40, 0.1);
  });

  it('should clip where a level is out of reach', () => {
    const loud = atLevel(tone(100), 6);
    expect([Math.max(...loud), Math.min(...loud)]).to.deep.equal([32_767, -32_768]);
  });

  it('should put silence around a sound', () => {
    const samples = padded(Int16Array.of(5), 1, 2);
    expect([samples.length, samples.indexOf(5)]).to.deep.equal([49, 16]);
  });

  it('should add up two sounds, the second over and over', () => {
    const mixed = mix(Int16Array.of(1, 2, 3, 32_767), Int16Array.of(10, 20));
    expect([...mixed]).to.deep.equal([11, 22, 13, 32_767]);
  });

  it('should find where a sound is, short gaps being part of it', () => {
    const sound = padded(tone(200), 300, 100);
    const [again, later] = [padded(tone(100), 0, 400), tone(50)];
    const samples = Int16Array.of(...sound, ...again, ...later);
    expect(spokenSpans(samples)).to.deep.equal([
      { start: 300, end: 700 },
      { start: 1_100, end: 1_150 },
    ]);
  });

  it('should make noise that is the same each time', () => {
    const [one, other] = [noise(1_600, seededRandom(1)), noise(1_600, seededRandom(1))];
    expect(one).to.deep.equal(other);
    expect(levelOf(one)).to.be.closeTo(-4.8, 0.3);
  });
});
