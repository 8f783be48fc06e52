import type { SessionFault } from '../../demo/providers/elevenlabsListener.js';
import type { HttpFault } from '../../demo/providers/standInServer.js';
import { describeSpeechFaults, type SpeechFault } from '../support/describeSpeechFaults.js';

/** The pause that ends an utterance, two requests, and a busy machine. */
const PROMPTLY = 4_000;
/** After which a text is not waited for any longer. */
const DEADLINE = 5_000;

const refused = (status: number, code: string): SpeechFault['strike'] => {
  const fault: HttpFault = { answer: { status, body: { detail: { code, message: code } } } };
  return ({ elevenlabs }) => elevenlabs.fail(fault, 1);
};
const session =
  (fault: SessionFault): SpeechFault['strike'] =>
  ({ elevenlabs }) =>
    elevenlabs.failSession(fault, 1);

/** The next one is not asked of a provider that will refuse it, too. */
const GROQ = { servedBy: 'groq', within: PROMPTLY, requests: [1, 2] } as const;
const AGAIN = { servedBy: 'elevenlabs', within: PROMPTLY, requests: [3, 0] } as const;
const AT_ONCE = { servedBy: 'elevenlabs', within: PROMPTLY, requests: [2, 0] } as const;

const REFUSED = [
  'auth_error',
  'quota_exceeded',
  'unaccepted_terms',
  'invalid_request',
  'input_error',
  'chunk_size_exceeded',
];
const PASSING = [
  'rate_limited',
  'queue_overflow',
  'resource_exhausted',
  'transcriber_error',
  'error',
  'session_time_limit_exceeded',
  'insufficient_audio_activity',
];

const FAULTS: readonly SpeechFault[] = [
  {
    ...AGAIN,
    what: 'does not answer the text that was asked for',
    within: DEADLINE + PROMPTLY,
    strike: session({ at: 'commit', hangs: true }),
  },
  { ...GROQ, what: 'does not know the key', strike: refused(401, 'invalid_api_key') },
  { ...AGAIN, what: 'is busy', strike: refused(429, 'system_busy') },
  { ...AGAIN, what: 'is out of order', strike: refused(503, 'unavailable') },
  ...REFUSED.map((error): SpeechFault => ({
    ...GROQ,
    what: `begins with ${error}`,
    strike: session({ at: 'start', error }),
  })),
  ...PASSING.map((error): SpeechFault => ({
    ...AGAIN,
    what: `says ${error} instead of the text`,
    strike: session({ at: 'commit', error }),
  })),
  { ...AGAIN, what: 'closes at the start', strike: session({ at: 'start', closes: 1011 }) },
  { ...AGAIN, what: 'closes for no reason', strike: session({ at: 'commit', closes: 1000 }) },
  { ...AT_ONCE, what: 'sends what is no JSON', strike: session({ noise: ['{', 'null', '[]'] }) },
  {
    ...AT_ONCE,
    what: 'tells of the words first',
    strike: session({ twins: ['timed', 'plain'] }),
  },
  { ...AT_ONCE, what: 'does not tell of the words', strike: session({ twins: ['plain'] }) },
  {
    ...GROQ,
    what: 'cannot be reached',
    strike: ({ elevenlabs }) => elevenlabs.close(),
    requests: [0, 2],
  },
];

describeSpeechFaults(
  'ElevenLabs (realtime)',
  {
    provider: 'elevenlabs',
    isStreaming: true,
    call: { language: 'ar', env: { ELEVENLABS_MODE: 'realtime' } },
    phrases: ['ar-waiting.wav', 'ar-bad.wav', 'ar-thanks.wav'],
  },
  FAULTS,
);
