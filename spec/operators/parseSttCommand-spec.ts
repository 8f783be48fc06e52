import { expect } from 'chai';
import { parseSttCommand, type SttCommand } from '../../operators/parseSttCommand.js';
import type { Attributes } from '../../operators/types.js';

/** The attributes of a command with an id. */
const asked = (enabled: string, language?: string): Attributes => ({
  'stt.command_id': 'id',
  'stt.enabled': enabled,
  ...(language !== undefined && { 'stt.language': language }),
});
const invalid = (reason: string): SttCommand => ({ verb: 'invalid', id: 'id', reason });

const CASES: Readonly<Record<string, readonly [Attributes, SttCommand]>> = {
  'start in a language': [asked('true', 'en'), { verb: 'start', id: 'id', language: 'en' }],
  'leave the tag as it is written': [
    asked('true', 'EN-us'),
    { verb: 'start', id: 'id', language: 'EN-us' },
  ],
  'have the language detected where none is named': [
    asked('true'),
    { verb: 'start', id: 'id', language: undefined },
  ],
  'have it detected where it was deleted': [
    asked('true', ''),
    { verb: 'start', id: 'id', language: undefined },
  ],
  'stop where it is not enabled': [asked('false', 'en'), { verb: 'stop', id: 'id' }],
  'stop where the attribute was deleted': [asked(''), { verb: 'stop', id: 'id' }],
  'not mind the language of a stop': [asked('false', 'no tag'), { verb: 'stop', id: 'id' }],
  'refuse what is neither true nor false': [
    asked('True'),
    invalid('stt.enabled is neither true nor false'),
  ],
  'refuse what is no language tag': [
    asked('true', 'en_US'),
    invalid('stt.language is no BCP 47 tag'),
  ],
};

const idOf = (attributes: Attributes) => parseSttCommand(attributes).id;

describe('parseSttCommand', () => {
  for (const [behaviour, [attributes, command]] of Object.entries(CASES)) {
    it(`should ${behaviour}`, () => {
      expect(parseSttCommand(attributes)).to.deep.equal(command);
    });
  }

  it('should stop where nothing is asked', () => {
    expect(parseSttCommand({ 'media.command': 'play' }).verb).to.equal('stop');
  });

  it('should take the longest id, and refuse a longer one under its beginning', () => {
    const longest = 'i'.repeat(128);
    expect(idOf({ 'stt.command_id': longest, 'stt.enabled': 'true' })).to.equal(longest);
    expect(
      parseSttCommand({ 'stt.command_id': `${longest}!`, 'stt.enabled': 'true' }),
    ).to.deep.equal({
      verb: 'invalid',
      id: longest,
      reason: 'stt.command_id is longer than 128 characters',
    });
  });

  describe('without an id', () => {
    const id = idOf({ 'stt.enabled': 'true', 'stt.language': 'en' });

    it('should make one that shows it, the same for the same', () => {
      expect(id).to.match(/^auto:[0-9a-f]+$/);
      expect(
        idOf({ 'stt.language': 'en', 'stt.enabled': 'true', 'stt.status': 'running' }),
      ).to.equal(id);
      expect(idOf({ 'stt.command_id': '', 'stt.enabled': 'true', 'stt.language': 'en' })).to.equal(
        id,
      );
    });

    it('should make another one for another language, and for a stop', () => {
      const ids = [
        { 'stt.enabled': 'true', 'stt.language': 'ar' },
        { 'stt.enabled': 'true' },
        { 'stt.enabled': 'false', 'stt.language': 'en' },
        { 'stt.language': 'en' },
        {},
      ].map(idOf);
      expect(new Set([id, ...ids])).to.have.property('size', 6);
    });

    it('should take a missing attribute for an empty one', () => {
      expect(idOf({ 'stt.enabled': 'true', 'stt.language': '' })).to.equal(
        idOf({ 'stt.enabled': 'true' }),
      );
      expect(idOf({ 'stt.enabled': '' })).to.equal(idOf({}));
    });
  });
});
