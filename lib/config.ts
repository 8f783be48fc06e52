import { type Bytes, MEBIBYTE, memoryLimit } from './memory.js';
import { z } from 'zod';
import { isLanguageTag } from '../operators/isLanguageTag.js';
import type { LanguageRoutes } from '../operators/routeLanguage.js';
import type { GainFactor, Milliseconds, SttProvider } from '../operators/types.js';

/** Severity from which on events are logged; winston's names. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where LiveKit is and who this worker is to it. Addresses carry no trailing slash. */
export interface LiveKitSettings {
  /** Signal address, `ws://` or `wss://`: what a participant connects to. */
  readonly url: string;
  /** Address of the server API, `http://` or `https://`. */
  readonly httpUrl: string;
  /** Address at which agent workers register. */
  readonly agentUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** An account at a speech provider. */
export interface ProviderAccount {
  readonly apiKey: string;
  /** Another address than the provider's own. */
  readonly baseUrl: string | undefined;
}

/** Who turns speech into text. */
export interface SttSettings {
  readonly accounts: Readonly<Record<SttProvider, ProviderAccount>>;
  /** Who serves which language; `*` is `STT_PROVIDER`. */
  readonly routes: LanguageRoutes<SttProvider>;
  /** Who stands in for a provider that fails. */
  readonly fallback: SttProvider | 'off';
  readonly elevenlabsMode: 'batch' | 'realtime';
}

/** Everything that can be set from outside, checked. Frozen. */
export interface Settings {
  readonly livekit: LiveKitSettings;
  /** The name that dispatches ask for. */
  readonly agentName: string;
  /** Call hosts that are kept warm, busy ones included; at least 1. */
  readonly numIdleProcesses: number;
  /** CPU load above which no new call is taken; over 0, up to 1. */
  readonly loadThreshold: number;
  /** Failed attempts in a row after which a connection is given up; at least 1. */
  readonly maxRetry: number;
  readonly logLevel: LogLevel;
  /** TCP port of `/livez` and `/readyz`. */
  readonly healthPort: number;
  /** TCP port of `/metrics`; without one nothing is served. */
  readonly prometheusPort: number | undefined;
  /** TCP port of LiveKit's webhooks; without one none are received. */
  readonly webhookPort: number | undefined;
  /** STUN and TURN addresses to use instead of the server's list; `none` asks nobody. */
  readonly iceServers: readonly string[] | 'none' | undefined;
  /** Playback gain, 0 to 1. */
  readonly gain: GainFactor;
  readonly stt: SttSettings;
  /** Who is sent transcripts: everybody but held participants, or agents alone. */
  readonly transcriptTo: 'all' | 'agents';
  /** Whether a hold also hides the held party's voice from the others. */
  readonly holdBothWays: boolean;
  /** Whether targets that may change their own attributes are obeyed. */
  readonly allowSelfCommands: boolean;
  /** Origins that may be plain HTTP or on a private network. */
  readonly assetOrigins: readonly string[];
  /** Largest asset, in bytes. */
  readonly assetMaxBytes: number;
  /** Decoded audio kept per call host, in bytes. */
  readonly assetCacheBytes: number;
  /** Calls after which a call host retires. */
  readonly hostMaxCalls: number;
  /** What worker and hosts may use altogether. */
  readonly memoryLimit: Bytes;
  /** Longest wait for calls to end after the first SIGTERM. */
  readonly drainTime: Milliseconds;
}

/** Settings that are missing or malformed. `problems` has one line for each and holds no values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

const DEFAULT_MEMORY_LIMIT: Bytes = 512 * MEBIBYTE;
const LOG_LEVELS = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
} as const satisfies Record<string, LogLevel>;

const list = (text: string) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const required = z.string({ error: 'is required' });

const integer = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${minimum} to ${maximum}`)
    .transform(Number)
    .refine(
      (value) => value >= minimum && value <= maximum,
      `must be a whole number from ${minimum} to ${maximum}`,
    );

const fraction = z
  .string()
  .regex(/^(0|1|0?\.\d+|[01]\.\d+)$/, 'must be a number from 0 to 1')
  .transform(Number)
  .refine((value) => value <= 1, 'must be a number from 0 to 1');

const flag = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((text) => text === 'true');

const logLevel = z
  .string()
  .transform((text) => text.toUpperCase())
  .pipe(
    z.enum(['DEBUG', 'INFO', 'WARNING', 'ERROR'], {
      error: 'must be DEBUG, INFO, WARNING or ERROR',
    }),
  )
  .transform((name) => LOG_LEVELS[name]);

const isServerAddress = (text: string) =>
  /^(wss?|https?):\/\/[^/?#@\s]+\/*$/i.test(text) && URL.canParse(text);

const serverAddress = required
  .refine(
    isServerAddress,
    'must be a ws, wss, http or https address of a host, with nothing behind it',
  )
  .transform((text) =>
    text
      .replace(/\/+$/, '')
      .replace(/^(http|ws)(s?):/i, (_scheme, _name, s: string) => `ws${s.toLowerCase()}:`),
  );

const isIceAddress = (text: string) =>
  /^(stuns?|turns?):[^\s/?@]+(\?transport=(udp|tcp))?$/.test(text);

const iceServers = z
  .string()
  .refine(
    (text) => text === 'none' || (list(text).length > 0 && list(text).every(isIceAddress)),
    'must be none or a comma-separated list of stun: and turn: addresses',
  )
  .transform((text) => (text === 'none' ? ('none' as const) : Object.freeze(list(text))));

const isOrigin = (text: string) => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
};

const origins = z
  .string()
  .refine(
    (text) => list(text).every(isOrigin),
    'must be a comma-separated list of origins such as http://127.0.0.1:9000',
  )
  .transform((text) => Object.freeze(list(text)));

const PROVIDERS = ['groq', 'deepgram', 'elevenlabs'] as const satisfies readonly SttProvider[];
const provider = z.enum(PROVIDERS, { error: 'must be groq, deepgram or elevenlabs' });

/** Contract, "Transcription". */
const ROUTES: Readonly<Record<string, SttProvider>> = {
  en: 'deepgram',
  'en-US': 'deepgram',
  'en-GB': 'deepgram',
  ar: 'elevenlabs',
  'ar-SA': 'elevenlabs',
};

const isRoute = (text: string) => {
  const [tag = '', name, ...rest] = text.split('=');
  return isLanguageTag(tag) && provider.safeParse(name).success && rest.length === 0;
};

const routes = z
  .string()
  .refine(
    (text) => list(text).every(isRoute),
    'must be a comma-separated list of routes such as en-AU=deepgram',
  )
  .transform((text) =>
    Object.fromEntries(list(text).map((route) => route.split('=') as [string, SttProvider])),
  );

const providerAddress = z
  .string()
  .refine(
    (text) => /^(wss?|https?):\/\/[^/?#@\s]+(\/[^?#\s]*)?$/i.test(text) && URL.canParse(text),
    'must be a ws, wss, http or https address without credentials or a query',
  )
  .transform((text) => text.replace(/\/+$/, ''));

const environment = z.object({
  LIVEKIT_URL: serverAddress,
  LIVEKIT_API_KEY: required,
  LIVEKIT_API_SECRET: required,
  STT_PROVIDER: provider.prefault('groq'),
  GROQ_API_KEY: required,
  DEEPGRAM_API_KEY: required,
  ELEVENLABS_API_KEY: required,
  GROQ_BASE_URL: providerAddress.optional(),
  DEEPGRAM_BASE_URL: providerAddress.optional(),
  ELEVENLABS_BASE_URL: providerAddress.optional(),
  ELEVENLABS_MODE: z
    .enum(['batch', 'realtime'], { error: 'must be batch or realtime' })
    .prefault('batch'),
  MEDIA_BOT_STT_ROUTES: routes.prefault(''),
  MEDIA_BOT_STT_FALLBACK: z
    .enum([...PROVIDERS, 'off'], { error: 'must be groq, deepgram, elevenlabs or off' })
    .prefault('groq'),
  MEDIA_BOT_TRANSCRIPT_TO: z
    .enum(['all', 'agents'], { error: 'must be all or agents' })
    .prefault('all'),
  LOG_LEVEL: logLevel.prefault('INFO'),
  MEDIA_BOT_AGENT_NAME: z.string().default('media-bot'),
  MEDIA_BOT_NUM_IDLE_PROCESSES: integer(1, 64).prefault('2'),
  MEDIA_BOT_LOAD_THRESHOLD: fraction
    .refine((value) => value > 0, 'must be over 0')
    .prefault('0.75'),
  MEDIA_BOT_MAX_RETRY: integer(1, 1000).prefault('16'),
  MEDIA_BOT_HEALTH_PORT: integer(1, 65_535).prefault('8081'),
  MEDIA_BOT_PROMETHEUS_PORT: integer(1, 65_535).optional(),
  MEDIA_BOT_WEBHOOK_PORT: integer(1, 65_535).optional(),
  MEDIA_BOT_ICE_SERVERS: iceServers.optional(),
  MEDIA_BOT_GAIN: fraction.prefault('0.6'),
  MEDIA_BOT_HOLD_BOTH_WAYS: flag.prefault('false'),
  MEDIA_BOT_ALLOW_SELF_COMMANDS: flag.prefault('false'),
  MEDIA_BOT_ASSET_ORIGINS: origins.prefault(''),
  MEDIA_BOT_ASSET_MAX_BYTES: integer(1, Number.MAX_SAFE_INTEGER).prefault('33554432'),
  MEDIA_BOT_ASSET_CACHE_MB: integer(0, 65_536).prefault('24'),
  MEDIA_BOT_HOST_MAX_CALLS: integer(1, 1_000_000).prefault('100'),
  MEDIA_BOT_MEMORY_LIMIT_MB: integer(128, 1_048_576)
    .transform((mebibytes) => mebibytes * MEBIBYTE)
    .optional(),
  MEDIA_BOT_DRAIN_SECONDS: integer(0, 86_400).prefault('600'),
});

type Environment = z.infer<typeof environment>;

const livekitSettings = (values: Environment): LiveKitSettings => {
  const url = values.LIVEKIT_URL;
  return Object.freeze({
    url,
    httpUrl: url.replace(/^ws/, 'http'),
    agentUrl: `${url}/agent`,
    apiKey: values.LIVEKIT_API_KEY,
    apiSecret: values.LIVEKIT_API_SECRET,
  });
};

const account = (apiKey: string, baseUrl: string | undefined): ProviderAccount =>
  Object.freeze({ apiKey, baseUrl });

const sttSettings = (values: Environment): SttSettings =>
  Object.freeze({
    accounts: Object.freeze({
      groq: account(values.GROQ_API_KEY, values.GROQ_BASE_URL),
      deepgram: account(values.DEEPGRAM_API_KEY, values.DEEPGRAM_BASE_URL),
      elevenlabs: account(values.ELEVENLABS_API_KEY, values.ELEVENLABS_BASE_URL),
    }),
    routes: Object.freeze({
      ...ROUTES,
      ...values.MEDIA_BOT_STT_ROUTES,
      '*': values.STT_PROVIDER,
    }),
    fallback: values.MEDIA_BOT_STT_FALLBACK,
    elevenlabsMode: values.ELEVENLABS_MODE,
  });

const toSettings = (values: Environment): Settings =>
  Object.freeze({
    livekit: livekitSettings(values),
    agentName: values.MEDIA_BOT_AGENT_NAME,
    numIdleProcesses: values.MEDIA_BOT_NUM_IDLE_PROCESSES,
    loadThreshold: values.MEDIA_BOT_LOAD_THRESHOLD,
    maxRetry: values.MEDIA_BOT_MAX_RETRY,
    logLevel: values.LOG_LEVEL,
    healthPort: values.MEDIA_BOT_HEALTH_PORT,
    prometheusPort: values.MEDIA_BOT_PROMETHEUS_PORT,
    webhookPort: values.MEDIA_BOT_WEBHOOK_PORT,
    iceServers: values.MEDIA_BOT_ICE_SERVERS,
    gain: values.MEDIA_BOT_GAIN,
    stt: sttSettings(values),
    transcriptTo: values.MEDIA_BOT_TRANSCRIPT_TO,
    holdBothWays: values.MEDIA_BOT_HOLD_BOTH_WAYS,
    allowSelfCommands: values.MEDIA_BOT_ALLOW_SELF_COMMANDS,
    assetOrigins: values.MEDIA_BOT_ASSET_ORIGINS,
    assetMaxBytes: values.MEDIA_BOT_ASSET_MAX_BYTES,
    assetCacheBytes: values.MEDIA_BOT_ASSET_CACHE_MB * MEBIBYTE,
    hostMaxCalls: values.MEDIA_BOT_HOST_MAX_CALLS,
    memoryLimit: values.MEDIA_BOT_MEMORY_LIMIT_MB ?? memoryLimit() ?? DEFAULT_MEMORY_LIMIT,
    drainTime: values.MEDIA_BOT_DRAIN_SECONDS * 1000,
  });

/**
 * Reads and checks all settings. The only reader of the environment in the product.
 *
 * A variable that is set to nothing counts as unset, as manifests often leave them.
 *
 * @throws ConfigError with every problem at once: name and rule, never the value.
 * @see README, "Settings".
 */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = environment.safeParse(given);
  if (result.success) return toSettings(result.data);
  throw new ConfigError(
    result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`),
  );
}
