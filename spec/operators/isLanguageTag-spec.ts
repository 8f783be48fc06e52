import { expect } from 'chai';
import { isLanguageTag } from '../../operators/isLanguageTag.js';

const TAGS = ['en', 'EN-us', 'ar-SA', 'es-419', 'zh-Hans-CN', 'de-DE-1996', 'fil', 'en-x-ours'];

const OTHERS = [
  '',
  'e',
  'en_US',
  'en-',
  '-en',
  'en--US',
  ' en',
  'en ',
  'en\n',
  'en\0',
  'en,ar',
  '*',
  'englishlanguage',
  'عربي',
  '__proto__',
];

describe('isLanguageTag', () => {
  for (const text of TAGS) {
    it(`should accept ${text}`, () => {
      expect(isLanguageTag(text)).to.equal(true);
    });
  }

  for (const text of OTHERS) {
    it(`should not accept ${JSON.stringify(text)}`, () => {
      expect(isLanguageTag(text)).to.equal(false);
    });
  }
});
