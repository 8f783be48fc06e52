import { expect } from 'chai';
import { ConfigError, loadSettings } from '../../lib/config.js';

const SECRET = 'do-not-print-this-secret-anywhere-at-all';
const REQUIRED = {
  LIVEKIT_URL: 'wss://livekit.example',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: SECRET,
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
      iceServers: undefined,
      gain: 0.6,
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
      MEDIA_BOT_ICE_SERVERS: 'stun:10.0.0.1:3478, turn:turn.example?transport=tcp',
      MEDIA_BOT_GAIN: '1',
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
      iceServers: ['stun:10.0.0.1:3478', 'turn:turn.example?transport=tcp'],
      gain: 1,
      allowSelfCommands: true,
      assetOrigins: ['http://127.0.0.1:9000', 'https://assets.internal'],
      assetMaxBytes: 1000,
      assetCacheBytes: 0,
      drainTime: 0,
    });
  });

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
    for (const part of [settings, settings.livekit, settings.assetOrigins]) {
      expect(part).to.be.frozen;
    }
  });

  it('should report every problem at once, one line each, and no value', () => {
    const problems = problemsOf({
      LIVEKIT_URL: `wss://user:${SECRET}@livekit.example`,
      LIVEKIT_API_KEY: '',
      LIVEKIT_API_SECRET: SECRET,
      MEDIA_BOT_GAIN: SECRET,
    });
    expect(problems.map((line) => line.split(' ')[0])).to.have.members([
      'LIVEKIT_URL',
      'LIVEKIT_API_KEY',
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
    ['MEDIA_BOT_ICE_SERVERS', 'stun.example:3478'],
    ['MEDIA_BOT_ICE_SERVERS', ','],
    ['MEDIA_BOT_ICE_SERVERS', 'none,stun:stun.example'],
    ['MEDIA_BOT_GAIN', '2'],
    ['MEDIA_BOT_GAIN', 'loud'],
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
