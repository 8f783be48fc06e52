import { expect } from 'chai';
import { ConfigError, loadSettings } from '../../lib/config.js';
import { routeLanguage } from '../../operators/routeLanguage.js';

const SECRET = 'do-not-print-this-secret-anywhere-at-all';
const REQUIRED = {
  LIVEKIT_URL: 'wss://livekit.example',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: SECRET,
  GROQ_API_KEY: 'groq-key',
  DEEPGRAM_API_KEY: 'deepgram-key',
  ELEVENLABS_API_KEY: 'elevenlabs-key',
};

const load = (env: NodeJS.ProcessEnv) => loadSettings({ ...REQUIRED, ...env });

const problemsOf = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    loadSettings(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('loadSettings', () => {
  it('should take the documented defaults', () => {
    expect(load({})).to.deep.include({
      agentName: 'media-bot',
      numIdleProcesses: 2,
      loadThreshold: 0.75,
      maxRetry: 16,
      logLevel: 'info',
      healthPort: 8081,
      prometheusPort: undefined,
      webhookPort: undefined,
      iceServers: undefined,
      gain: 0.6,
      transcriptTo: 'all',
      holdBothWays: false,
      allowSelfCommands: false,
      assetOrigins: [],
      assetMaxBytes: 33_554_432,
      assetCacheBytes: 24 * 1024 * 1024,
      drainTime: 600_000,
    });
  });

  it('should take every setting that is given', () => {
    const settings = load({
      LOG_LEVEL: 'DEBUG',
      MEDIA_BOT_AGENT_NAME: 'music',
      MEDIA_BOT_NUM_IDLE_PROCESSES: '4',
      MEDIA_BOT_LOAD_THRESHOLD: '.5',
      MEDIA_BOT_MAX_RETRY: '3',
      MEDIA_BOT_HEALTH_PORT: '9000',
      MEDIA_BOT_PROMETHEUS_PORT: '9100',
      MEDIA_BOT_WEBHOOK_PORT: '9101',
      MEDIA_BOT_ICE_SERVERS: 'stun:10.0.0.1:3478, turn:turn.example?transport=tcp',
      MEDIA_BOT_GAIN: '1',
      MEDIA_BOT_TRANSCRIPT_TO: 'agents',
      MEDIA_BOT_HOLD_BOTH_WAYS: 'true',
      MEDIA_BOT_ALLOW_SELF_COMMANDS: 'true',
      MEDIA_BOT_ASSET_ORIGINS: 'http://127.0.0.1:9000,https://assets.internal',
      MEDIA_BOT_ASSET_MAX_BYTES: '1000',
      MEDIA_BOT_ASSET_CACHE_MB: '0',
      MEDIA_BOT_DRAIN_SECONDS: '0',
    });
    expect(settings).to.deep.include({
      agentName: 'music',
      numIdleProcesses: 4,
      loadThreshold: 0.5,
      maxRetry: 3,
      logLevel: 'debug',
      healthPort: 9000,
      prometheusPort: 9100,
      webhookPort: 9101,
      iceServers: ['stun:10.0.0.1:3478', 'turn:turn.example?transport=tcp'],
      gain: 1,
      transcriptTo: 'agents',
      holdBothWays: true,
      allowSelfCommands: true,
      assetOrigins: ['http://127.0.0.1:9000', 'https://assets.internal'],
      assetMaxBytes: 1000,
      assetCacheBytes: 0,
      drainTime: 0,
    });
  });

  it('should take the documented defaults of speech providers', () => {
    expect(load({}).stt).to.deep.equal({
      accounts: {
        groq: { apiKey: 'groq-key', baseUrl: undefined },
        deepgram: { apiKey: 'deepgram-key', baseUrl: undefined },
        elevenlabs: { apiKey: 'elevenlabs-key', baseUrl: undefined },
      },
      routes: {
        en: 'deepgram',
        'en-US': 'deepgram',
        'en-GB': 'deepgram',
        ar: 'elevenlabs',
        'ar-SA': 'elevenlabs',
        '*': 'groq',
      },
      fallback: 'groq',
      elevenlabsMode: 'batch',
    });
  });

  it('should take every setting of speech providers that is given', () => {
    const { accounts, routes, fallback, elevenlabsMode } = load({
      STT_PROVIDER: 'elevenlabs',
      GROQ_BASE_URL: 'http://127.0.0.1:9001/',
      DEEPGRAM_BASE_URL: 'ws://127.0.0.1:9002',
      ELEVENLABS_BASE_URL: 'https://proxy.example/elevenlabs//',
      ELEVENLABS_MODE: 'realtime',
      MEDIA_BOT_STT_ROUTES: ' en-AU=deepgram, ar=groq ,',
      MEDIA_BOT_STT_FALLBACK: 'off',
    }).stt;
    expect(accounts.groq.baseUrl).to.equal('http://127.0.0.1:9001');
    expect(accounts.deepgram.baseUrl).to.equal('ws://127.0.0.1:9002');
    expect(accounts.elevenlabs.baseUrl).to.equal('https://proxy.example/elevenlabs');
    expect(routes).to.deep.include({ '*': 'elevenlabs', 'en-AU': 'deepgram', ar: 'groq' });
    expect(routes).to.deep.include({ en: 'deepgram', 'ar-SA': 'elevenlabs' });
    expect([fallback, elevenlabsMode]).to.deep.equal(['off', 'realtime']);
  });

  it('should let a further route override one of another case', () => {
    const { routes } = load({ MEDIA_BOT_STT_ROUTES: 'EN-us=groq' }).stt;
    expect(routeLanguage(routes, 'en-US')).to.equal('groq');
    expect(routeLanguage(routes, 'en-GB')).to.equal('deepgram');
    expect(routeLanguage(routes, undefined)).to.equal('groq');
  });

  for (const provider of ['groq', 'deepgram', 'elevenlabs']) {
    it(`should let ${provider} serve the other languages, and stand in`, () => {
      const { stt } = load({ STT_PROVIDER: provider, MEDIA_BOT_STT_FALLBACK: provider });
      expect([stt.routes['*'], stt.fallback]).to.deep.equal([provider, provider]);
    });
  }

  for (const [given, url, httpUrl] of [
    ['ws://127.0.0.1:7880', 'ws://127.0.0.1:7880', 'http://127.0.0.1:7880'],
    ['wss://lk.example:443/', 'wss://lk.example:443', 'https://lk.example:443'],
    ['http://[::1]:7880//', 'ws://[::1]:7880', 'http://[::1]:7880'],
    ['HTTPS://lk.example', 'wss://lk.example', 'https://lk.example'],
  ]) {
    it(`should derive the addresses of ${given}`, () => {
      const { livekit } = load({ LIVEKIT_URL: given });
      expect(livekit).to.include({ url, httpUrl, agentUrl: `${url}/agent` });
    });
  }

  for (const level of ['Warning', 'warning', 'WARNING']) {
    it(`should read the log level ${level}`, () => {
      expect(load({ LOG_LEVEL: level }).logLevel).to.equal('warn');
    });
  }

  it('should tell no ICE server from no setting', () => {
    expect(load({ MEDIA_BOT_ICE_SERVERS: 'none' }).iceServers).to.equal('none');
    expect(load({ MEDIA_BOT_ICE_SERVERS: '' }).iceServers).to.equal(undefined);
  });

  it('should be frozen throughout', () => {
    const settings = load({ MEDIA_BOT_ASSET_ORIGINS: 'https://a.example' });
    for (const part of [settings, settings.livekit, settings.assetOrigins, settings.stt]) {
      expect(part).to.be.frozen;
    }
    expect(settings.stt.accounts).to.be.frozen;
    expect(settings.stt.routes).to.be.frozen;
  });

  for (const name of Object.keys(REQUIRED)) {
    it(`should insist on ${name}, and take nothing for it`, () => {
      expect(problemsOf({ ...REQUIRED, [name]: undefined })).to.deep.equal([`${name} is required`]);
      expect(problemsOf({ ...REQUIRED, [name]: '' })).to.deep.equal([`${name} is required`]);
    });
  }

  it('should report every problem at once, one line each, and no value', () => {
    const problems = problemsOf({
      ...REQUIRED,
      LIVEKIT_URL: `wss://user:${SECRET}@livekit.example`,
      LIVEKIT_API_KEY: '',
      GROQ_BASE_URL: SECRET,
      MEDIA_BOT_STT_ROUTES: `en=${SECRET}`,
      MEDIA_BOT_GAIN: SECRET,
    });
    expect(problems.map((line) => line.split(' ')[0])).to.have.members([
      'LIVEKIT_URL',
      'LIVEKIT_API_KEY',
      'GROQ_BASE_URL',
      'MEDIA_BOT_STT_ROUTES',
      'MEDIA_BOT_GAIN',
    ]);
    expect(problems.join()).not.to.include(SECRET).and.not.to.include('\n');
  });

  for (const [name, value] of [
    ['LIVEKIT_URL', 'livekit.example'],
    ['LIVEKIT_URL', 'ftp://livekit.example'],
    ['LIVEKIT_URL', 'wss://livekit.example/rtc'],
    ['LIVEKIT_URL', 'wss://livekit.example?x=1'],
    ['LIVEKIT_URL', 'wss://livekit.example '],
    ['LOG_LEVEL', 'TRACE'],
    ['MEDIA_BOT_NUM_IDLE_PROCESSES', '0'],
    ['MEDIA_BOT_NUM_IDLE_PROCESSES', '1.5'],
    ['MEDIA_BOT_LOAD_THRESHOLD', '0'],
    ['MEDIA_BOT_LOAD_THRESHOLD', '1.1'],
    ['MEDIA_BOT_MAX_RETRY', '-1'],
    ['MEDIA_BOT_HEALTH_PORT', '0'],
    ['MEDIA_BOT_HEALTH_PORT', '65536'],
    ['MEDIA_BOT_PROMETHEUS_PORT', '0'],
    ['MEDIA_BOT_PROMETHEUS_PORT', 'none'],
    ['MEDIA_BOT_WEBHOOK_PORT', '65536'],
    ['MEDIA_BOT_ICE_SERVERS', 'stun.example:3478'],
    ['MEDIA_BOT_ICE_SERVERS', ','],
    ['MEDIA_BOT_ICE_SERVERS', 'none,stun:stun.example'],
    ['MEDIA_BOT_GAIN', '2'],
    ['MEDIA_BOT_GAIN', 'loud'],
    ['STT_PROVIDER', 'whisper'],
    ['STT_PROVIDER', 'Groq'],
    ['STT_PROVIDER', 'off'],
    ['GROQ_BASE_URL', 'groq.example'],
    ['DEEPGRAM_BASE_URL', 'ftp://deepgram.example'],
    ['ELEVENLABS_BASE_URL', 'https://'],
    ['ELEVENLABS_MODE', 'stream'],
    ['MEDIA_BOT_STT_ROUTES', 'en-AU'],
    ['MEDIA_BOT_STT_ROUTES', 'en-AU='],
    ['MEDIA_BOT_STT_ROUTES', '=groq'],
    ['MEDIA_BOT_STT_ROUTES', '*=groq'],
    ['MEDIA_BOT_STT_ROUTES', 'en_AU=deepgram'],
    ['MEDIA_BOT_STT_ROUTES', 'en-AU=off'],
    ['MEDIA_BOT_STT_ROUTES', 'en-AU=groq=deepgram'],
    ['MEDIA_BOT_STT_ROUTES', 'en-AU=deepgram;ar=groq'],
    ['MEDIA_BOT_STT_FALLBACK', 'none'],
    ['MEDIA_BOT_TRANSCRIPT_TO', 'agent'],
    ['MEDIA_BOT_HOLD_BOTH_WAYS', '1'],
    ['MEDIA_BOT_ALLOW_SELF_COMMANDS', 'yes'],
    ['MEDIA_BOT_ASSET_ORIGINS', 'http://127.0.0.1:9000/path'],
    ['MEDIA_BOT_ASSET_MAX_BYTES', '32MB'],
    ['MEDIA_BOT_ASSET_CACHE_MB', '-1'],
    ['MEDIA_BOT_DRAIN_SECONDS', 'long'],
  ] as const) {
    it(`should refuse ${name}=${value}`, () => {
      const problems = problemsOf({ ...REQUIRED, [name]: value });
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(new RegExp(`^${name} must be `));
    });
  }
});
