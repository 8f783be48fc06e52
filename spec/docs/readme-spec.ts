import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { map, of } from 'rxjs';
import { loadSettings } from '../../lib/config.js';
import { createScoreSentiment } from '../../lib/engines/sentiment.js';
import * as operators from '../../operators/index.js';
import { transcriptPacket } from '../../operators/transcriptPacket.js';
import type { Transcript } from '../../operators/types.js';
import { withSentiment } from '../../operators/withSentiment.js';
import { collect } from '../support/collect.js';
import { DOCUMENTS } from './documents.js';

const read = (path: string) => readFileSync(path, 'utf8');
const README = read('README.md');
const { scripts, version } = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>;
  version: string;
};
const REQUIRED = {
  LIVEKIT_URL: 'wss://livekit.example',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'secret',
  GROQ_API_KEY: 'key',
  DEEPGRAM_API_KEY: 'key',
  ELEVENLABS_API_KEY: 'key',
};

/** The text of a chapter, its sections included. */
const chapter = (title: string) => README.split(/^## /m).find((text) => text.startsWith(title))!;

/** Cells of all table rows of a text whose first cell holds code. */
const rows = (text: string) =>
  [...text.matchAll(/^\| (`.*) \|$/gm)].map(([, row = '']) => row.split(/ *\| */));

const allCode = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
const code = (cell = '') => /^`(.*)`$/.exec(cell)?.[1];
const captures = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, it]) => it);

type Packet = ReturnType<typeof transcriptPacket>;

/** The packet that the README shows, which is to have this type. */
const packet = () =>
  JSON.parse(/^```json\n([^]*?)^```$/m.exec(README)![1]!) as Packet & {
    readonly language: string;
    readonly confidence: number;
  };

/** All sources of the product. */
const productText = () =>
  ['lib', 'streams', 'operators']
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => [folder, file]))
    .filter(([, file]) => String(file).endsWith('.ts'))
    .map((path) => read(path.join('/')))
    .join('\n');

describe('README.md', () => {
  const settings = rows(chapter('Settings'));

  it('should name every setting, and no other', () => {
    const schema = read('lib/config.ts').split('const environment =')[1]!;
    const known = captures(schema, /^ {2}([A-Z][A-Z_]+): /gm);
    expect(known).to.include('MEDIA_BOT_GAIN');
    expect(settings.map(([name]) => code(name))).to.have.members(known);
  });

  it('should say which settings are required', () => {
    const required = settings.filter(([, value]) => value === 'required');
    expect(required.map(([name]) => code(name))).to.have.members(Object.keys(REQUIRED));
  });

  for (const [name = '', value] of settings) {
    const given = code(value);
    if (given === undefined) continue;
    it(`should tell the default of ${name}`, () => {
      const explicit = { ...REQUIRED, [code(name) ?? '']: given };
      expect(loadSettings(explicit)).to.deep.equal(loadSettings(REQUIRED));
    });
  }

  it('should list every export of the operators, and no other', () => {
    const listed = rows(chapter('Reuse the operators')).flatMap(([names = '']) => allCode(names));
    expect(listed).to.have.members(Object.keys(operators));
  });

  it('should tell who serves which language', () => {
    const { stt } = loadSettings(REQUIRED);
    const table = chapter('The attribute contract').split('| language ')[1]!.split('\n\n')[0]!;
    const served = rows(table).flatMap(([tags = '', name = '']) =>
      allCode(tags).map((tag) => [tag, name.toLowerCase()]),
    );
    expect({ ...Object.fromEntries(served), '*': 'groq' }).to.deep.equal(stt.routes);
  });

  it('should show a packet as it is published, sentiment included', () => {
    const shown = packet();
    const { participant: person, text, ...rest } = shown;
    const transcript: Transcript = {
      ...{ id: rest.id, text, language: rest.language, confidence: rest.confidence },
      ...{ provider: rest.provider, model: rest.model },
      ...{ startMs: rest.start_ms, endMs: rest.end_ms },
    };
    const speaker = { ...person, trackSid: rest.track_sid };
    const session = { session: rest.session, room: rest.room };
    const fail = (error: unknown) => expect.fail(String(error));
    const packets = of(transcript).pipe(
      withSentiment(createScoreSentiment(), fail),
      map((scored) => ({ ...scored, speaker, commandId: rest.command_id, held: rest.held })),
      map((spoken) => transcriptPacket(spoken, session, rest.seq)),
    );
    expect(collect(packets)).to.deep.equal([shown]);
  });

  it('should list every error code that can occur, and no other', () => {
    const table = chapter('The attribute contract').split('| code in')[1]!.split('\n\n')[0]!;
    const made = captures(productText(), /new MediaError\(\s*'(\w+)'/g);
    expect(made).to.include('asset_unreachable');
    expect(rows(table).map(([name]) => code(name))).to.have.members([...new Set(made)]);
  });
});

describe('the documents', () => {
  for (const path of DOCUMENTS) {
    it(`should name only commands that exist: ${path}`, () => {
      const named = captures(read(path), /npm (?:run |(?!run|ci|pack|install))([a-z][\w:-]*)/g);
      expect(Object.keys(scripts)).to.include.members(named);
    });
  }

  it('should have a changelog of the present version', () => {
    expect(captures(read('CHANGELOG.md'), /^## \[(.+?)\]/gm)).to.include(version);
  });
});
