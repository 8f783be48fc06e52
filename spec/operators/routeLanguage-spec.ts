import { expect } from 'chai';
import { type LanguageRoutes, routeLanguage } from '../../operators/routeLanguage.js';

/** The table of the contract, section 4. */
const routes: LanguageRoutes<string> = {
  en: 'deepgram',
  'en-US': 'deepgram',
  'en-GB': 'deepgram',
  ar: 'elevenlabs',
  'ar-SA': 'elevenlabs',
  '*': 'groq',
};

describe('routeLanguage', () => {
  it('should find the entry of a tag, whatever its case', () => {
    expect(routeLanguage(routes, 'en')).to.equal('deepgram');
    expect(routeLanguage(routes, 'EN-us')).to.equal('deepgram');
    expect(routeLanguage(routes, 'ar-sa')).to.equal('elevenlabs');
    expect(routeLanguage({ 'EN-AU': 'deepgram', '*': 'groq' }, 'en-au')).to.equal('deepgram');
  });

  it('should give every other tag, and none, to the entry of all the others', () => {
    for (const tag of ['fr', 'en-AU', 'ar-EG', 'eng', 'en_US', '', undefined]) {
      expect(routeLanguage(routes, tag), String(tag)).to.equal('groq');
    }
  });

  it('should take no tag for a property that every object has', () => {
    for (const tag of ['constructor', 'toString', '__proto__']) {
      expect(routeLanguage(routes, tag), tag).to.equal('groq');
    }
  });

  it('should let entries that come later override earlier ones, whatever their case', () => {
    const more = { 'EN-us': 'groq', 'en-AU': 'deepgram' };
    expect(routeLanguage({ ...routes, ...more }, 'en-US')).to.equal('groq');
    expect(routeLanguage({ ...routes, ...more }, 'en-AU')).to.equal('deepgram');
  });
});
