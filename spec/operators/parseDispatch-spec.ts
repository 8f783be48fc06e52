import { expect } from 'chai';
import { parseDispatch } from '../../operators/parseDispatch.js';
import { parseSttCommand } from '../../operators/parseSttCommand.js';

const NOTHING = { stt: {}, problem: undefined };

describe('parseDispatch', () => {
  it('should read the first settings of transcription, as attributes', () => {
    expect(parseDispatch('{"stt":{"enabled":true,"language":"en"}}')).to.deep.equal({
      stt: { 'stt.enabled': 'true', 'stt.language': 'en' },
      problem: undefined,
    });
  });

  it('should read what is written as text, too', () => {
    const { stt } = parseDispatch(' {"stt":{"enabled":"false","language":"ar-SA"}}\n');
    expect(stt).to.deep.equal({ 'stt.enabled': 'false', 'stt.language': 'ar-SA' });
  });

  it('should read the id under which transcription is answered', () => {
    const { stt } = parseDispatch('{"stt":{"enabled":true,"command_id":"6ec2c1b4"}}');
    expect(parseSttCommand(stt)).to.include({ verb: 'start', id: '6ec2c1b4' });
  });

  for (const [metadata, verb] of [
    ['{"stt":{"enabled":true}}', 'start'],
    ['{"stt":{"enabled":true,"language":null}}', 'start'],
    ['{"stt":{"enabled":false,"language":"en"}}', 'stop'],
    ['{"stt":{}}', 'stop'],
    ['{"stt":{"enabled":1}}', 'stop'],
    ['{"stt":{"enabled":"yes"}}', 'invalid'],
    ['{"stt":{"enabled":true,"language":"en_US"}}', 'invalid'],
    ['{"stt":{"enabled":true,"language":{"tag":"en"}}}', 'start'],
  ] as const) {
    it(`should make a command that is ${verb} of ${metadata}`, () => {
      expect(parseSttCommand(parseDispatch(metadata).stt)).to.include({ verb });
    });
  }

  for (const metadata of [
    '',
    ' \n',
    '{}',
    '{"handover_from":"media-bot-1"}',
    '{"stt":null}',
    '{"stt":true}',
    '{"stt":["enabled"]}',
    '{"__proto__":{"stt":{"enabled":true}}}',
  ]) {
    it(`should find nothing of its own in ${JSON.stringify(metadata)}`, () => {
      expect(parseDispatch(metadata)).to.deep.equal(NOTHING);
    });
  }

  for (const metadata of [
    '{',
    'stt',
    '{"stt":{"enabled":true}',
    'null',
    'true',
    '7',
    '"{}"',
    '[]',
  ]) {
    it(`should say that ${metadata} is no JSON object`, () => {
      const problem = 'dispatch metadata is no JSON object';
      expect(parseDispatch(metadata)).to.deep.equal({ stt: {}, problem });
    });
  }
});
