import { expect } from 'chai';
import { fromWhisperLanguage, toWhisperLanguage } from '../../operators/whisperLanguage.js';

const SENT: Readonly<Record<string, string | undefined>> = {
  'fr-CA': 'fr',
  ara: 'ar',
  nb: 'no',
  no: 'no',
  nn: 'nn',
  'tl-PH': 'tl',
  fil: 'tl',
  jw: 'jv',
  haw: 'haw',
  'ga-IE': undefined,
  zu: undefined,
  nonsense: undefined,
  '': undefined,
};

const TOLD: Readonly<Record<string, string | undefined>> = {
  french: 'fr',
  French: 'fr',
  fr: 'fr',
  'haitian creole': 'ht',
  'Haitian Creole': 'ht',
  myanmar: 'my',
  tagalog: 'fil',
  cantonese: 'yue',
  Klingonese: undefined,
  '': undefined,
};

describe('toWhisperLanguage', () => {
  for (const [tag, code] of Object.entries(SENT)) {
    it(`should send ${code ?? 'nothing'} for "${tag}"`, () => {
      expect(toWhisperLanguage(tag)).to.equal(code);
    });
  }

  it('should send nothing where there is no tag', () => {
    expect(toWhisperLanguage(undefined)).to.equal(undefined);
  });
});

describe('fromWhisperLanguage', () => {
  for (const [told, language] of Object.entries(TOLD)) {
    it(`should understand "${told}" as ${language ?? 'no language'}`, () => {
      expect(fromWhisperLanguage(told)).to.equal(language);
    });
  }

  it('should understand nothing where nothing is told', () => {
    expect(fromWhisperLanguage(undefined)).to.equal(undefined);
  });
});
