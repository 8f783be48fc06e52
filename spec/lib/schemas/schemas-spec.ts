import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { breaches } from '../../../demo/checkContract.js';
import {
  playAttributes,
  stopAttributes,
  transcribeAttributes,
} from '../../../lib/client/commands.js';
import { type SchemaName, schemas } from '../../../lib/schemas/schemas.js';
import { answerAttributes } from '../../../operators/answerAttributes.js';
import { MediaError } from '../../../operators/mediaError.js';
import { parseCommand } from '../../../operators/parseCommand.js';
import { parseSttCommand } from '../../../operators/parseSttCommand.js';
import { compiledProduct } from '../../support/compiledProduct.js';

/** As the README shows it. */
const packet = () => {
  const [, json = ''] = /^```json\n([^]*?)^```$/m.exec(readFileSync('README.md', 'utf8'))!;
  return JSON.parse(json) as Readonly<Record<string, unknown>>;
};
const play = playAttributes('1', { url: 'https://a.example/b.mp3', loop: true, onEnd: 'keep' });
const failed = { 'media.status': 'failed', 'media.status_command_id': '1' };
const answered = { 'stt.status_command_id': '1' };

type Values = Readonly<Record<string, unknown>>;
const right: Readonly<Record<SchemaName, readonly Values[]>> = {
  'playback-command': [
    play,
    playAttributes('1', { url: 'http://10.0.0.5:9000/a' }),
    stopAttributes('1'),
    { 'media.command': '' },
    { 'sip.callID': 'of somebody else' },
  ],
  'playback-answer': [
    // LiveKit deletes the empty ones, and so they are never in a map.
    ...(['playing', 'stopped', 'ended'] as const).map((status) => {
      const { 'media.error': _absent, ...map } = answerAttributes({ id: '1', status });
      return { ...map, 'media.held': 'true' };
    }),
    answerAttributes({ id: 'auto:0', status: 'ended', error: new MediaError('room_kept', 'why') }),
    answerAttributes({ id: '1', status: 'failed', error: new MediaError('forbidden', 'a: b') }),
    { ...failed, 'media.error': 'bot_gone: left', ...play },
  ],
  'transcription-command': [
    transcribeAttributes('1', { enabled: true, language: 'en-GB' }),
    transcribeAttributes('1', { enabled: false }),
    {},
  ],
  'transcription-answer': [
    { 'stt.status': 'running', 'stt.provider': 'groq', ...answered },
    { 'stt.status': 'stopped', ...answered },
    { 'stt.status': 'failed', 'stt.error': 'invalid_command: no tag', ...answered },
  ],
  'dispatch-metadata': [
    {},
    { stt: { enabled: true, language: 'en' } },
    { stt: { enabled: true, command_id: '6ec2c1b4' } },
    { stt: { enabled: false }, of: 'somebody else' },
  ],
  transcript: [packet(), { ...packet(), language: null, confidence: null }],
};
const wrong: Readonly<Record<SchemaName, readonly Values[]>> = {
  'playback-command': [
    { 'media.command': 'pause' },
    { 'media.command': 'play' },
    { ...play, 'media.asset_url': '' },
    { ...play, 'media.loop': 'yes' },
    { ...play, 'media.loop': true },
    { ...play, 'media.on_end': 'hang up' },
    { ...play, 'media.command_id': 'x'.repeat(129) },
    { 'sip.callID': 7 },
  ],
  'playback-answer': [
    {},
    { 'media.status': 'playing' },
    { 'media.status': 'paused', 'media.status_command_id': '1' },
    { 'media.status': 'playing', 'media.status_command_id': '' },
    { 'media.status': 'playing', 'media.status_command_id': '1', 'media.held': 'yes' },
    { 'media.status': 'playing', 'media.status_command_id': '1', 'media.error': 'forbidden: no' },
    failed,
    { ...failed, 'media.error': 'unheard_of: what' },
    { ...failed, 'media.error': 'forbidden' },
  ],
  'transcription-command': [{ 'stt.enabled': 'yes' }, { 'stt.command_id': 'x'.repeat(129) }],
  'transcription-answer': [
    { 'stt.status': 'running', ...answered },
    { 'stt.status': 'running', 'stt.provider': 'nobody', ...answered },
    { 'stt.status': 'stopped' },
    { 'stt.status': 'failed', ...answered },
  ],
  'dispatch-metadata': [
    ...[{ stt: 'on' }, { stt: { enabled: 'yes' } }, { stt: { language: 7 } }],
    { stt: { command_id: 'x'.repeat(129) } },
  ],
  transcript: [
    ...Object.keys(packet()).map((key) => {
      const { [key]: _missing, ...rest } = packet();
      return rest;
    }),
    { ...packet(), type: 'INTERIM' },
    { ...packet(), version: 2 },
    { ...packet(), seq: 1.5 },
    { ...packet(), text: '' },
    { ...packet(), confidence: 2 },
    { ...packet(), provider: 'nobody' },
    { ...packet(), more: true },
    { ...packet(), sentiment: { compound: 0 } },
  ],
};
const names = Object.keys(schemas) as readonly SchemaName[];

describe('the schemas of the contract', () => {
  for (const name of names) {
    it(`should take what is right, and refuse what is wrong: ${name}`, () => {
      for (const value of right[name]) expect(breaches(name, value)).to.deep.equal([]);
      for (const value of wrong[name]) {
        expect(breaches(name, value), JSON.stringify(value)).not.to.deep.equal([]);
      }
    });

    it(`should be of draft 2020-12, and describe itself: ${name}`, () => {
      const schema = schemas[name] as Readonly<Record<string, unknown>>;
      expect(schema.$schema).to.equal('https://json-schema.org/draft/2020-12/schema');
      expect(schema.description).to.match(/\w/);
    });
  }

  it('should judge a command as the bot does, but for the form of its values', () => {
    const isRight = (command: Values) => parseCommand(command as never).verb !== 'invalid';
    const bySchema = (command: Values) => breaches('playback-command', command).length === 0;
    const texts = [...right['playback-command'], ...wrong['playback-command']].filter((command) =>
      Object.values(command).every((value) => typeof value === 'string'),
    );
    expect(texts.map(bySchema)).to.deep.equal(texts.map(isRight));
    const stt = [...right['transcription-command'], ...wrong['transcription-command']];
    expect(stt.map((it) => breaches('transcription-command', it).length === 0)).to.deep.equal(
      stt.map((it) => parseSttCommand(it as never).verb !== 'invalid'),
    );
  });

  it('should be written by the build, one file each', () => {
    const folder = join(compiledProduct(), 'lib/schemas');
    execFileSync(process.execPath, [join(folder, 'writeSchemas.js')]);
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
    expect(files).to.have.members(names.map((name) => `${name}.json`));
    for (const name of names) {
      const text = readFileSync(join(folder, `${name}.json`), 'utf8');
      expect(JSON.parse(text)).to.deep.equal(schemas[name]);
    }
  });
});
