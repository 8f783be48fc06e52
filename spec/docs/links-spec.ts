import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { DOCUMENTS } from './documents.js';

const read = (path: string) => readFileSync(path, 'utf8');
const captures = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, capture = '']) => capture);

/** Headings as GitHub makes anchors of them. */
const anchors = (path: string) =>
  captures(read(path), /^#+ (.*)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

/** Whether a link of a document leads somewhere within this repository. */
const resolves = (document: string, link: string): boolean => {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : join(dirname(document), path);
  return existsSync(target) && (anchor === undefined || anchors(target).includes(anchor));
};

describe('links of the documents', () => {
  for (const document of DOCUMENTS) {
    it(`should lead somewhere: ${document}`, () => {
      const links = captures(read(document), /\]\(([^)\s]+)\)/g);
      const inside = links.filter((link) => !/^https?:/.test(link));
      expect(inside.filter((link) => !resolves(document, link))).to.deep.equal([]);
    });

    it(`should name only files that exist: ${document}`, () => {
      const named = captures(
        read(document),
        /`((?:lib|streams|operators|spec|demo|bench|docs)\/[^`\s]*)`/g,
      );
      expect(named.filter((path) => !existsSync(path))).to.deep.equal([]);
    });
  }

  it('should tell a link that leads somewhere from one that does not', () => {
    expect(resolves('README.md', 'docs/decisions.md')).to.equal(true);
    expect(resolves('docs/decisions.md', '../README.md#settings')).to.equal(true);
    expect(resolves('README.md', '#no-such-heading')).to.equal(false);
    expect(resolves('README.md', 'docs/no-such-file.md')).to.equal(false);
  });
});
