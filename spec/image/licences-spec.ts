import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import satisfies from 'spdx-satisfies';

/** One package, as package-lock.json has it. */
interface Locked {
  readonly dev?: boolean;
  readonly license?: string;
}

/** May be copied, changed and sold with no more than their text in the image. */
const PERMISSIVE = [
  ...['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0'],
];

/** Why a package whose licence asks for more is there all the same. */
const EXCEPTIONS: readonly {
  readonly packages: RegExp;
  readonly licence: string;
  readonly because: string;
}[] = [
  {
    packages: /^@livekit\/local-inference$/,
    licence: 'LicenseRef-LiveKit-Model',
    because: 'its voice detection may be used together with @livekit/agents, and is',
  },
  {
    packages: /^@img\/sharp-/,
    licence: 'LGPL-3.0-or-later',
    because: 'libvips is a library of its own, unchanged, that can be exchanged',
  },
  {
    packages: /^@livekit\/av-/,
    licence: 'LGPL-2.1-or-later',
    because: 'FFmpeg is a program of its own, which nothing starts; the image is without it',
  },
];

/** Of packages that are older than the field `license`: what their LICENSE is. */
const OLD: Readonly<Record<string, string>> = { async: 'MIT' };

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Readonly<Record<string, Locked>>;
};
/** What the product is installed with, for all platforms: name and licence. */
const production = Object.entries(packages)
  .filter(([path, { dev = false }]) => path !== '' && !dev)
  .map(([path, { license }]) => {
    const name = path.split('node_modules/').at(-1)!;
    return [name, license ?? OLD[name] ?? 'none'] as const;
  });

const isAllowed = (name: string, licence: string): boolean => {
  const extra = EXCEPTIONS.filter((exception) => exception.packages.test(name));
  return satisfies(licence, [...PERMISSIVE, ...extra.map((exception) => exception.licence)]);
};

describe('licences of what is installed with the product', () => {
  for (const licence of new Set(production.map(([, text]) => text))) {
    const all = production.filter(([, text]) => text === licence);
    const names = [...new Set(all.map(([name]) => name))];
    const which = names.length < 4 ? names.join(', ') : `${names.length} packages`;
    it(`should be allowed: ${licence} (${which})`, () => {
      expect(names.filter((name) => !isAllowed(name, licence))).to.deep.equal([]);
    });
  }

  for (const { packages: pattern, licence, because } of EXCEPTIONS) {
    it(`should be in use where it is an exception: ${licence}, for ${because}`, () => {
      const its = production.filter(([name]) => pattern.test(name));
      expect(its.filter(([, text]) => text.includes(licence))).not.to.deep.equal([]);
    });
  }

  it('should not be allowed where they ask for more, nor where there is none', () => {
    expect(isAllowed('a', 'GPL-3.0-only')).to.equal(false);
    expect(isAllowed('a', 'MIT AND LicenseRef-LiveKit-Model')).to.equal(false);
    expect(() => isAllowed('a', 'none')).to.throw();
  });
});
