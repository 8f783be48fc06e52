import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { DOCUMENTS } from './documents.js';

const read = (path: string) => readFileSync(path, 'utf8');
const captures = (text: string, pattern: RegExp) => [
  ...new Set([...text.matchAll(pattern)].map(([, it = '']) => it)),
];
const sources = ['lib', 'streams', 'operators']
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => [folder, file]))
  .map((path) => path.join('/'))
  .filter((path) => path.endsWith('.ts'))
  .map(read)
  .join('\n');
const contract = read('docs/contract.md') + read('README.md');

/** The keys of attributes that a text names, as code or as a string. */
const attributes = (text: string) => captures(text, /[`'"]((?:media|stt)\.[a-z_]+)\b/g);

describe('docs/contract.md', () => {
  it('should have every section that the code refers to', () => {
    const headings = captures(read('docs/contract.md'), /^##+ (?:\d\. )?(.*)$/gm);
    const named = captures(sources, /[Cc]ontract, "([^":]+)/g);
    expect(named).to.include('Hold isolation');
    expect(headings).to.include.members(named);
  });

  it('should, with the README, name every attribute that is read or written, and no other', () => {
    expect(attributes(sources)).to.include.members(['media.held', 'stt.provider']);
    expect(attributes(contract)).to.have.members(attributes(sources));
  });
});

describe('metrics in the documents', () => {
  const known = captures(read('README.md'), /^\| `(media_bot_\w+)`/gm);

  for (const path of DOCUMENTS) {
    it(`should exist: ${path}`, () => {
      expect(known).to.include.members(captures(read(path), /`(media_bot_\w+)/g));
    });
  }
});

describe('settings in the documents', () => {
  const known = captures(read('lib/config.ts'), /^ {2}([A-Z][A-Z_]+): /gm);

  for (const path of DOCUMENTS) {
    it(`should exist: ${path}`, () => {
      const named = captures(
        read(path),
        /`((?:MEDIA_BOT|LIVEKIT|STT|GROQ|DEEPGRAM|ELEVENLABS)_[A-Z_]+)\b/g,
      );
      expect(known).to.include.members(named);
    });
  }
});
