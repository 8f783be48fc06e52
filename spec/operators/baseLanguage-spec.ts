import { expect } from 'chai';
import { baseLanguage } from '../../operators/baseLanguage.js';

const LANGUAGES: Readonly<Record<string, string | undefined>> = {
  fr: 'fr',
  'fr-CA': 'fr',
  'FR-ca': 'fr',
  fra: 'fr',
  fre: 'fr',
  ara: 'ar',
  'ar-EG': 'ar',
  arb: 'ar',
  cmn: 'zh',
  'zh-Hant-TW': 'zh',
  iw: 'he',
  yue: 'yue',
  haw: 'haw',
  und: undefined,
  '': undefined,
  french: undefined,
  'not a language': undefined,
  fr_CA: undefined,
  '12': undefined,
};

describe('baseLanguage', () => {
  for (const [tag, language] of Object.entries(LANGUAGES)) {
    it(`should find ${language ?? 'no language'} in "${tag}"`, () => {
      expect(baseLanguage(tag)).to.equal(language);
    });
  }

  it('should find no language where there is no tag', () => {
    expect(baseLanguage(undefined)).to.equal(undefined);
  });
});
