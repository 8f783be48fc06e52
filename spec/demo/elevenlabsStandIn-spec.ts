import { once } from 'node:events';
import { expect } from 'chai';
import { lastValueFrom, of } from 'rxjs';
import { WebSocket } from 'ws';
import {
  type ElevenLabsStandIn,
  startElevenLabsStandIn,
} from '../../demo/providers/elevenlabsStandIn.js';
import { encodeWav } from '../../operators/encodeWav.js';
import { TONE_PHRASES, tonePhraseBook } from '../support/tonePhrases.js';

const PATH = '/v1/speech-to-text';
const KEY = { 'xi-api-key': 'key' };
const MODEL = 'scribe_v2';
const REALTIME = { model_id: 'scribe_v2_realtime', audio_format: 'pcm_16000' };
const { text: MORNING, samples } = TONE_PHRASES[0]!;

type Fields = Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>;

function formOf(fields: Fields): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([value]), 'voice.wav');
  }
  return form;
}

const pcmOf = (voice: Int16Array) => new Uint8Array(voice.slice().buffer);

describe('startElevenLabsStandIn', () => {
  let standIn: ElevenLabsStandIn;
  let file: Uint8Array<ArrayBuffer>;

  before(async () => {
    const voice = of({ samples, sampleRate: 16_000 });
    file = await lastValueFrom(voice.pipe(encodeWav()), { defaultValue: new Uint8Array() });
  });
  beforeEach(async () => {
    standIn = await startElevenLabsStandIn({ apiKey: 'key', phraseBook: tonePhraseBook });
  });
  afterEach(() => standIn.close());

  describe('in a batch', () => {
    const post = (fields: Fields, { path = PATH, headers = KEY } = {}) =>
      fetch(standIn.url + path, { method: 'POST', headers, body: formOf(fields) });

    it('should understand what it is sent, and count it', async () => {
      const response = await post({ model_id: MODEL, file, language_code: 'ar' });
      expect(response.status).to.equal(200);
      const answer = (await response.json()) as object;
      expect(answer).to.include({ text: MORNING, language_code: 'ara', audio_duration_secs: 1 });
      expect(answer).to.have.nested.property('words[0].text', 'Good');
      expect(standIn.audioSeconds()).to.equal(1);
    });

    it('should understand bare audio where it is told what it is', async () => {
      const pcm = { model_id: MODEL, file: pcmOf(samples) };
      expect((await post(pcm)).status).to.equal(400);
      const response = await post({ ...pcm, file_format: 'pcm_s16le_16' });
      expect(await response.json()).to.include({ text: MORNING });
    });

    type WrongForm = readonly [number, (file: Uint8Array<ArrayBuffer>) => Fields];
    const wrong: Readonly<Record<string, WrongForm>> = {
      'no model': [422, (voice) => ({ file: voice })],
      'the model before': [400, (voice) => ({ model_id: 'scribe_v1', file: voice })],
      'the realtime model': [400, (voice) => ({ model_id: 'scribe_v2_realtime', file: voice })],
      'no file': [422, () => ({ model_id: MODEL })],
      'a region': [400, (voice) => ({ model_id: MODEL, file: voice, language_code: 'ar-SA' })],
      'no language': [400, (voice) => ({ model_id: MODEL, file: voice, language_code: '' })],
      'half a truth': [422, (voice) => ({ model_id: MODEL, file: voice, diarize: 'maybe' })],
      'an unknown field': [422, (voice) => ({ model_id: MODEL, file: voice, language: 'ar' })],
      'hardly any audio': [
        400,
        () => ({ model_id: MODEL, file: new Uint8Array(3_198), file_format: 'pcm_s16le_16' }),
      ],
    };
    for (const [what, [status, fieldsOf]] of Object.entries(wrong)) {
      it(`should refuse ${what}`, async () => {
        const response = await post(fieldsOf(file));
        expect(response.status).to.equal(status);
        expect(await response.json()).to.have.property('detail');
      });
    }

    it('should refuse a wrong key and a wrong path', async () => {
      const form = { model_id: MODEL, file };
      expect((await post(form, { headers: { 'xi-api-key': 'other' } })).status).to.equal(401);
      expect((await post(form, { path: `${PATH}/transcripts` })).status).to.equal(404);
    });
  });

  describe('in a session', () => {
    let sockets: WebSocket[];
    beforeEach(() => {
      sockets = [];
    });
    afterEach(() => sockets.forEach((socket) => socket.terminate()));

    const open = (query: Readonly<Record<string, string>>, headers = KEY) => {
      const url = `${standIn.url}${PATH}/realtime?${new URLSearchParams(query).toString()}`;
      const socket = new WebSocket(url.replace('http', 'ws'), { headers });
      // The first words may come together with the handshake.
      const messages: unknown[] = [];
      socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())));
      sockets.push(socket);
      return { socket, messages };
    };
    const refusedWith = async (query: Readonly<Record<string, string>>, headers = KEY) => {
      const [error] = (await once(open(query, headers).socket, 'error')) as [Error];
      return Number(error.message.split(' ').at(-1));
    };
    const chunk = (voice: Int16Array, commit: boolean, sample_rate = 16_000) =>
      JSON.stringify({
        message_type: 'input_audio_chunk',
        audio_base_64: Buffer.from(pcmOf(voice)).toString('base64'),
        commit,
        sample_rate,
      });

    it('should say what it has understood when it is asked, twice', async () => {
      const { socket, messages } = open({ ...REALTIME, include_timestamps: 'true' });
      await once(socket, 'open');
      socket.send(chunk(samples.slice(0, 8_000), false));
      socket.send(chunk(samples.slice(8_000), true));
      while (messages.length < 3) await once(socket, 'message');
      const types = messages.map((message) => (message as { message_type: string }).message_type);
      expect(types).to.deep.equal([
        'session_started',
        'committed_transcript',
        'committed_transcript_with_timestamps',
      ]);
      expect(messages[1]).to.include({ text: MORNING });
      expect(messages[2]).to.include({ text: MORNING, language_code: 'eng' });
    });

    it('should say it once without timestamps', async () => {
      const { socket, messages } = open(REALTIME);
      await once(socket, 'open');
      socket.send(chunk(samples, true));
      while (messages.length < 2) await once(socket, 'message');
      socket.send(chunk(new Int16Array(), true));
      while (messages.length < 3) await once(socket, 'message');
      const [, committed, throttled] = messages;
      expect(committed).to.deep.equal({ message_type: 'committed_transcript', text: MORNING });
      expect(throttled).to.include({ message_type: 'commit_throttled' });
    });

    it('should end a session with what is no audio of it', async () => {
      for (const nonsense of ['hello', '{}', '[]', chunk(samples, true, 48_000)]) {
        const { socket, messages } = open(REALTIME);
        await once(socket, 'open');
        socket.send(nonsense);
        await once(socket, 'close');
        expect(messages.at(-1), nonsense).to.include({ message_type: 'input_error' });
      }
    });

    it('should refuse what it is no session for', async () => {
      const { audio_format, model_id } = REALTIME;
      expect(await refusedWith({ audio_format })).to.equal(400);
      expect(await refusedWith({ model_id: MODEL, audio_format })).to.equal(400);
      expect(await refusedWith({ model_id, audio_format: 'wav' })).to.equal(400);
      expect(await refusedWith({ ...REALTIME, language_code: 'ar-SA' })).to.equal(400);
      expect(await refusedWith({ ...REALTIME, commit_strategy: 'never' })).to.equal(400);
      expect(await refusedWith({ ...REALTIME, language: 'ar' })).to.equal(400);
    });

    it('should refuse a wrong key', async () => {
      expect(await refusedWith(REALTIME, { 'xi-api-key': 'other' })).to.equal(401);
    });
  });
});
