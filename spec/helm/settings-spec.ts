import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { loadSettings } from '../../lib/config.js';
import { CHART } from '../support/helm.js';

const REQUIRED = {
  ...{ LIVEKIT_URL: 'wss://livekit.example', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' },
  ...{ GROQ_API_KEY: 'key', DEEPGRAM_API_KEY: 'key', ELEVENLABS_API_KEY: 'key' },
};

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly additionalProperties?: boolean | Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const schema = JSON.parse(readFileSync(`${CHART}/values.schema.json`, 'utf8')) as Schema & {
  readonly properties: { readonly settings: { readonly properties: Record<string, Schema> } };
};
const settings = schema.properties.settings.properties;
/** Those that the chart refuses in words. */
const elsewhere = (name: string) => settings[name]?.description?.includes('Refused here') ?? false;

/** What people may write for some setting or other. */
const CANDIDATES: readonly (string | number | boolean)[] = [
  ...[-1, 0, 1, 2, 64, 65, 1000, 1001, 65_536, 86_400, 86_401, 33_554_432, 0.5, 0.75, 1.5],
  ...['-1', '0', '0.0', '0.5', '1', '1.0', '1.5', true, false, 'true', 'yes'],
  ...['DEBUG', 'WARN', 'groq', 'deepgram', 'elevenlabs', 'whisper', 'off', 'batch', 'realtime'],
  ...['all', 'agents', 'none', 'media-bot', 'something else'],
  ...['wss://livekit.example', 'https://livekit.example/', 'https://livekit.example/path'],
  ...['https://user@proxy.example', 'https://proxy.example/path?query', 'ftp://proxy.example'],
  ...['http://10.0.0.5:9000', 'http://10.0.0.5:9000,https://assets.example', 'http://10.0.0.5/x'],
  ...['en-AU=deepgram', 'en-AU=deepgram,ar-EG=elevenlabs', 'en_AU=deepgram', 'en-AU=whisper'],
  ...[
    'stun:stun.example:3478',
    'turn:turn.example?transport=udp,stun:stun.example',
    'stun.example',
  ],
];

const takenByWorker = (name: string, value: unknown): boolean => {
  try {
    loadSettings({ ...REQUIRED, [name]: String(value) });
    return true;
  } catch {
    return false;
  }
};

/** All parts of a schema that describe values, with their places. */
const parts = (part: Schema, place: string): readonly (readonly [string, Schema])[] => [
  [place, part],
  ...Object.entries({ ...part.properties, ...part.$defs }).flatMap(([name, child]) =>
    parts(child, `${place}.${name}`),
  ),
  ...(part.items === undefined ? [] : parts(part.items, `${place}[]`)),
];

describe('the schema of the chart', () => {
  it('should know every setting of the worker, and no other', () => {
    const environment = readFileSync('lib/config.ts', 'utf8').split('const environment =')[1]!;
    const known = [...environment.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => name);
    expect(known).to.include('MEDIA_BOT_GAIN');
    expect(Object.keys(settings)).to.have.members(known);
  });

  it('should leave secrets and ports to where they belong', () => {
    expect(Object.keys(settings).filter(elsewhere)).to.have.members([
      ...['LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'],
      ...['GROQ_API_KEY', 'DEEPGRAM_API_KEY', 'ELEVENLABS_API_KEY'],
      ...['MEDIA_BOT_HEALTH_PORT', 'MEDIA_BOT_PROMETHEUS_PORT', 'MEDIA_BOT_WEBHOOK_PORT'],
    ]);
  });

  for (const name of Object.keys(settings).filter((setting) => !elsewhere(setting))) {
    it(`should take no value that the worker refuses: ${name}`, () => {
      const ajv = new Ajv({ strict: false });
      const isValid = ajv.compile({ ...settings[name], $defs: schema.$defs });
      const taken = CANDIDATES.filter((value) => isValid(value));
      expect(taken).not.to.deep.equal([]);
      expect(taken.filter((value) => !takenByWorker(name, value))).to.deep.equal([]);
    });
  }

  it('should refuse unknown keys and say what each is for, everywhere', () => {
    for (const [place, part] of parts(schema, 'values')) {
      if (part.type === 'object' && place !== 'values.global') {
        expect(part.additionalProperties ?? true, place).not.to.equal(true);
      }
      if (place !== 'values') expect(part, place).to.have.property('description');
    }
  });
});
