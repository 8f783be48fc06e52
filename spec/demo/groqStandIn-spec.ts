import { expect } from 'chai';
import { lastValueFrom, of } from 'rxjs';
import { type GroqStandIn, startGroqStandIn } from '../../demo/providers/groqStandIn.js';
import { encodeWav } from '../../operators/encodeWav.js';
import { TONE_PHRASES, tonePhraseBook } from '../support/tonePhrases.js';

const PATH = '/openai/v1/audio/transcriptions';
const KEY = { authorization: 'Bearer key' };
const MODEL = 'whisper-large-v3-turbo';
const { text: MORNING, samples } = TONE_PHRASES[0]!;

const wavOf = (voice: Int16Array, sampleRate = 16_000) =>
  lastValueFrom(of({ samples: voice, sampleRate }).pipe(encodeWav()), {
    defaultValue: new Uint8Array(),
  });

type Fields = Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>;

function formOf(fields: Fields): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([value]), 'voice.wav');
  }
  return form;
}

describe('startGroqStandIn', () => {
  let standIn: GroqStandIn;
  let file: Uint8Array<ArrayBuffer>;

  before(async () => {
    file = await wavOf(samples);
  });
  beforeEach(async () => {
    standIn = await startGroqStandIn({ apiKey: 'key', phraseBook: tonePhraseBook });
  });
  afterEach(() => standIn.close());

  const post = (fields: Fields, { path = PATH, headers = KEY } = {}) =>
    fetch(standIn.url + path, { method: 'POST', headers, body: formOf(fields) });

  it('should understand what it is sent, and count it', async () => {
    const response = await post({
      model: MODEL,
      file,
      language: 'fr',
      response_format: 'verbose_json',
    });
    expect(response.status).to.equal(200);
    const answer = (await response.json()) as object;
    expect(answer).to.include({ task: 'transcribe', language: 'french', text: ` ${MORNING}` });
    expect(answer).to.have.nested.property('segments[0].text', ` ${MORNING}`);
    expect(standIn.audioSeconds()).to.equal(1);
    expect(standIn.requests()).to.equal(1);
  });

  it('should answer in the format that is wanted', async () => {
    const json = await post({ model: MODEL, file });
    expect(await json.json()).to.have.keys('text', 'x_groq');
    const text = await post({ model: MODEL, file, response_format: 'text' });
    expect(await text.text()).to.equal(` ${MORNING}`);
  });

  it('should invent words where nobody speaks, and not believe in them', async () => {
    const silence = await wavOf(new Int16Array(16_000));
    const response = await post({ model: MODEL, file: silence, response_format: 'verbose_json' });
    const answer = (await response.json()) as object;
    expect(answer).to.include({ text: ' Thank you.' });
    expect(answer).to.have.nested.property('segments[0].no_speech_prob').above(0.6);
  });

  const wrong: Readonly<
    Record<string, readonly [number, (file: Uint8Array<ArrayBuffer>) => Fields]>
  > = {
    'no model': [400, (voice) => ({ file: voice })],
    'an unknown model': [404, (voice) => ({ model: 'whisper-1', file: voice })],
    'no file': [400, () => ({ model: MODEL })],
    'a file that is a text': [400, () => ({ model: MODEL, file: 'RIFF' })],
    'a file that is no WAV': [400, () => ({ model: MODEL, file: new Uint8Array(9_000) })],
    'a file that is cut short': [400, (voice) => ({ model: MODEL, file: voice.slice(0, -1) })],
    'a region': [400, (voice) => ({ model: MODEL, file: voice, language: 'fr-CA' })],
    'an unknown language': [400, (voice) => ({ model: MODEL, file: voice, language: 'ga' })],
    'an empty language': [400, (voice) => ({ model: MODEL, file: voice, language: '' })],
    'a long prompt': [400, (voice) => ({ model: MODEL, file: voice, prompt: 'x'.repeat(897) })],
    'a high temperature': [400, (voice) => ({ model: MODEL, file: voice, temperature: '2' })],
    'a strange format': [400, (voice) => ({ model: MODEL, file: voice, response_format: 'srt' })],
    'an unknown field': [400, (voice) => ({ model: MODEL, file: voice, diarize: 'true' })],
  };
  for (const [what, [status, fieldsOf]] of Object.entries(wrong)) {
    it(`should refuse ${what}`, async () => {
      const response = await post(fieldsOf(file));
      expect(response.status).to.equal(status);
      expect(await response.json()).to.have.nested.property('error.message');
    });
  }

  it('should take the longest prompt there may be', async () => {
    expect((await post({ model: MODEL, file, prompt: 'x'.repeat(896) })).status).to.equal(200);
  });

  it('should refuse audio of no length', async () => {
    const click = await wavOf(samples.slice(0, 159));
    expect((await post({ model: MODEL, file: click })).status).to.equal(400);
  });

  it('should refuse a wrong key and a wrong path', async () => {
    const headers = { authorization: 'Bearer other' };
    expect((await post({ model: MODEL, file }, { headers })).status).to.equal(401);
    expect((await post({ model: MODEL, file }, { path: `/openai/v1${PATH}` })).status).to.equal(
      404,
    );
  });

  it('should refuse what is no form', async () => {
    const url = standIn.url + PATH;
    const json = { method: 'POST', headers: { ...KEY, 'content-type': 'application/json' } };
    expect((await fetch(url, { ...json, body: '{}' })).status).to.equal(400);
  });

  it('should tell what is left of a limit, and keep to it', async () => {
    await standIn.close();
    const options = { apiKey: 'key', phraseBook: tonePhraseBook, requestsPerMinute: 2 };
    standIn = await startGroqStandIn(options);
    const left = async () => {
      const { status, headers } = await post({ model: MODEL, file });
      return [status, headers.get('x-ratelimit-remaining-requests'), headers.has('retry-after')];
    };
    expect(await left()).to.deep.equal([200, '1', false]);
    expect(await left()).to.deep.equal([200, '0', false]);
    expect(await left()).to.deep.equal([429, '0', true]);
  });

  it('should fail as often as it is told', async () => {
    standIn.fail({ answer: { status: 500, body: 'broken' } }, 1);
    expect((await post({ model: MODEL, file })).status).to.equal(500);
    expect((await post({ model: MODEL, file })).status).to.equal(200);
  });

  it('should take its time where it is told to', async () => {
    await standIn.close();
    standIn = await startGroqStandIn({ apiKey: 'key', phraseBook: tonePhraseBook, delayMs: 100 });
    const before = performance.now();
    await post({ model: MODEL, file });
    expect(performance.now() - before).to.be.within(99, 20_000);
  });
});
