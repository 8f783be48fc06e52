import { expect } from 'chai';
import type { Words } from '../../bench/transcriptionTalk.js';
import { countWords, spoiltWords } from '../../bench/wordCount.js';

const words = (text: string, startMs: number): Words => ({ text, startMs });

describe('wordCount', () => {
  const said = [words('yes', 1_000), words('no', 5_000), words('yes', 9_000), words('no', 13_000)];

  it('should find everything that was published once, a moment earlier or later', () => {
    const read = said.map(({ text, startMs }, n) => words(text, startMs + 300 * (-1) ** n));
    expect(countWords(said, read, 0, Infinity)).to.deep.equal({
      said: 4,
      published: 4,
      lost: 0,
      doubled: 0,
      strange: 0,
    });
    expect(spoiltWords(said, read)).to.deep.equal([]);
  });

  it('should tell what was lost, doubled or never said', () => {
    const read = [words('yes', 1_000), words('yes', 1_100), words('yes no', 9_000), said[3]!];
    expect(countWords(said, read, 0, Infinity)).to.deep.equal({
      said: 4,
      published: 1,
      lost: 2,
      doubled: 1,
      strange: 1,
    });
    expect(spoiltWords(said, read).map(({ startMs, times }) => [startMs, times])).to.deep.equal([
      [1_000, 2],
      [5_000, 0],
      [9_000, 0],
    ]);
  });

  it('should count only what began within the time', () => {
    const counted = countWords(said, [words('never', 2_000)], 5_000, 13_000);
    expect(counted).to.include({ said: 2, lost: 2, strange: 0 });
  });
});
