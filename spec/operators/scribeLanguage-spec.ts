import { expect } from 'chai';
import { toScribeLanguage } from '../../operators/scribeLanguage.js';

const SENT: Readonly<Record<string, string | undefined>> = {
  ar: 'ar',
  'ar-SA': 'ar',
  ara: 'ar',
  'zh-CN': 'zh',
  yue: 'yue',
  tl: 'fil',
  'nb-NO': 'no',
  eu: undefined,
  tlh: undefined,
  nonsense: undefined,
  '': undefined,
};

describe('toScribeLanguage', () => {
  for (const [tag, code] of Object.entries(SENT)) {
    it(`should send ${code ?? 'nothing'} for "${tag}"`, () => {
      expect(toScribeLanguage(tag)).to.equal(code);
    });
  }

  it('should send nothing where there is no tag', () => {
    expect(toScribeLanguage(undefined)).to.equal(undefined);
  });
});
