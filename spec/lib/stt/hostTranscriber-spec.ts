import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { of } from 'rxjs';
import { firstWithin } from '../../../demo/firstWithin.js';
import { loadSettings } from '../../../lib/config.js';
import { createMetrics } from '../../../lib/metrics.js';
import { createHostTranscriber } from '../../../lib/stt/hostTranscriber.js';
import type { Utterance } from '../../../operators/types.js';
import { outcomeOf } from '../../support/scriptedProvider.js';
import { silentLogger } from '../../support/silentLogger.js';

const transcriberOf = (env: Readonly<Record<string, string>> = {}) => {
  const settings = loadSettings({
    LIVEKIT_URL: 'wss://livekit.example',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'secret',
    GROQ_API_KEY: 'groq-key',
    DEEPGRAM_API_KEY: 'deepgram-key',
    ELEVENLABS_API_KEY: 'elevenlabs-key',
    ...env,
  });
  return createHostTranscriber(settings.stt, silentLogger(), createMetrics().transcription);
};
const servedBy = (language: string | undefined, env?: Readonly<Record<string, string>>) => {
  const { provider, model } = transcriberOf(env).route(language);
  return `${provider} ${model}`;
};

const DEEPGRAM = 'deepgram nova-3';
const ELEVENLABS = 'elevenlabs scribe_v2';
const GROQ = 'groq whisper-large-v3-turbo';

describe('createHostTranscriber', () => {
  for (const [language, expected] of [
    ['en', DEEPGRAM],
    ['en-US', DEEPGRAM],
    ['EN-gb', DEEPGRAM],
    ['en-AU', GROQ],
    ['ar', ELEVENLABS],
    ['ar-sa', ELEVENLABS],
    ['ar-EG', GROQ],
    ['fr', GROQ],
    [undefined, GROQ],
  ] as const) {
    it(`should route ${language ?? 'no language'} to ${expected}`, () => {
      expect(servedBy(language)).to.equal(expected);
    });
  }

  it('should follow STT_PROVIDER and further routes', () => {
    const env = { STT_PROVIDER: 'elevenlabs', MEDIA_BOT_STT_ROUTES: 'en-AU=deepgram,ar=groq' };
    expect(servedBy('fr', env)).to.equal(ELEVENLABS);
    expect(servedBy(undefined, env)).to.equal(ELEVENLABS);
    expect(servedBy('en-AU', env)).to.equal(DEEPGRAM);
    expect(servedBy('ar', env)).to.equal(GROQ);
    expect(servedBy('ar-SA', env)).to.equal(ELEVENLABS);
  });

  it('should follow ELEVENLABS_MODE', () => {
    expect(servedBy('ar', { ELEVENLABS_MODE: 'realtime' })).to.equal(
      'elevenlabs scribe_v2_realtime',
    );
  });

  it('should give the same provider to all who ask, so that all share what is known of it', () => {
    const host = transcriberOf();
    const english = host.route('en');
    const french = host.route('fr');
    expect(host.route('EN-us')).to.equal(english).and.not.to.equal(french);
    expect(host.route(undefined)).to.equal(french);
  });

  it('should score sentiment', () => {
    const { score } = transcriberOf();
    expect(score('This is great, thank you!').compound).to.be.greaterThan(0.5);
    expect(score('This is terrible.').compound).to.be.lessThan(-0.3);
  });

  describe('asking a provider', () => {
    let server: Server;
    let url: string;
    /** The accounts that requests were made for. */
    let asked: string[];

    beforeEach(async () => {
      asked = [];
      server = createServer((request, response) => {
        const { authorization, 'xi-api-key': xiApiKey } = request.headers;
        asked.push(authorization ?? String(xiApiKey));
        request.resume().on('end', () => response.writeHead(401).end('{}'));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });

    const utterance: Utterance = {
      id: 'id',
      startMs: 0,
      audio: of({ samples: new Int16Array(16_000), sampleRate: 16_000 }),
      end: of({ endMs: 1_000, by: 'pause' }),
    };
    /** Asks for a text, which the server refuses whoever asks. */
    const ask = async (language: string, env: Readonly<Record<string, string>>) => {
      const stt = transcriberOf({ MEDIA_BOT_STT_FALLBACK: 'off', ...env }).route(language);
      const outcome = outcomeOf(stt.transcribe(utterance, language));
      expect(await firstWithin(outcome, 10_000, 'the refusal')).to.equal('fatal');
    };

    it('should bring the account, and the address that is set, to each', async () => {
      await ask('fr', { GROQ_BASE_URL: url });
      await ask('ar', { ELEVENLABS_BASE_URL: url });
      await ask('en', { DEEPGRAM_BASE_URL: url });
      expect(asked).to.deep.equal(['Bearer groq-key', 'elevenlabs-key', 'Token deepgram-key']);
    });

    it('should ask the one that stands in where another refuses', async () => {
      const env = { DEEPGRAM_BASE_URL: url, GROQ_BASE_URL: url, MEDIA_BOT_STT_FALLBACK: 'groq' };
      await ask('en', env);
      expect(new Set(asked)).to.deep.equal(new Set(['Token deepgram-key', 'Bearer groq-key']));
    });
  });
});
