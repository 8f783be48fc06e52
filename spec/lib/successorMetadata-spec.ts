import { expect } from 'chai';
import type { LostBot } from '../../lib/lostBot.js';
import { successorMetadata } from '../../lib/successorMetadata.js';
import type { Attributes } from '../../operators/types.js';

const STT = '{"stt":{"enabled":true,"language":"en"}}';

const lost = (attributes: Attributes = {}, stay = 1_000): LostBot => ({
  ...{ room: 'call-1', roomSid: 'RM_1', identity: 'media-bot-1' },
  ...{ attributes, stay },
});
const parsed = (metadata: string, bot = lost()): unknown => {
  const next = successorMetadata(metadata, bot);
  return next === undefined ? undefined : JSON.parse(next);
};

describe('successorMetadata', () => {
  it('should pass on what the Call Service has dispatched with', () => {
    const metadata = '{"stt":{"enabled":true,"language":"en","new":1},"call":{"id":7}}';
    expect(parsed(metadata)).to.deep.equal({
      stt: { enabled: true, language: 'en', new: 1 },
      call: { id: 7 },
      lost_bots: ['media-bot-1'],
    });
  });

  for (const metadata of ['', ' ', '{', 'null', '7', '[1]', '"text"', '{"lost_bots":"all"}']) {
    it(`should find nothing to pass on in ${JSON.stringify(metadata)}`, () => {
      expect(parsed(metadata)).to.deep.equal({ lost_bots: ['media-bot-1'] });
    });
  }

  it('should relieve nobody, for whom the lost bot relieved is gone', () => {
    const metadata = '{"handover_from":"media-bot-0","call":7}';
    expect(parsed(metadata)).to.deep.equal({ call: 7, lost_bots: ['media-bot-1'] });
  });

  for (const [attributes, stt] of [
    [
      { 'stt.enabled': 'true', 'stt.language': 'ar', 'stt.command_id': '6ec2c1b4' },
      { enabled: true, language: 'ar', command_id: '6ec2c1b4' },
    ],
    [{ 'stt.enabled': 'true' }, { enabled: true }],
    [{ 'stt.status': 'stopped', 'stt.status_command_id': 'x' }, { enabled: false }],
    [
      { 'stt.enabled': 'false', 'stt.command_id': 'x' },
      { enabled: false, command_id: 'x' },
    ],
  ] as const) {
    it(`should command what the bot's attributes commanded: ${JSON.stringify(stt)}`, () => {
      expect(parsed(STT, lost(attributes))).to.deep.include({ stt });
    });
  }

  for (const attributes of [
    { 'stt.status': 'running', 'stt.status_command_id': 'auto:1' },
    { 'stt.enabled': 'perhaps' },
    { 'stt.enabled': 'true', 'stt.language': 'no_language' },
  ]) {
    it(`should command what the dispatch did, where ${JSON.stringify(attributes)}`, () => {
      const stt = { enabled: true, language: 'en' };
      expect(parsed(STT, lost(attributes))).to.deep.include({ stt });
    });
  }

  it('should give up a call that has lost three bots in a row', () => {
    const before = (...bots: readonly string[]) => JSON.stringify({ lost_bots: bots });
    expect(parsed(before('a', 'b'))).to.deep.equal({ lost_bots: ['a', 'b', 'media-bot-1'] });
    expect(parsed(before('a', 'b', 'c'))).to.equal(undefined);
  });

  it('should count anew after a bot that was there for five minutes', () => {
    const metadata = '{"lost_bots":["a","b","c"]}';
    expect(parsed(metadata, lost({}, 299_000))).to.equal(undefined);
    expect(parsed(metadata, lost({}, 300_000))).to.deep.equal({ lost_bots: ['media-bot-1'] });
  });
});
