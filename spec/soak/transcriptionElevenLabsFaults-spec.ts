import type { HttpFault } from '../../demo/providers/standInServer.js';
import { describeSpeechFaults, type SpeechFault } from '../support/describeSpeechFaults.js';

/** The pause of 400 ms, two requests, and a busy machine. */
const PROMPTLY = 4_000;
/** After which an answer is not waited for any longer. */
const DEADLINE = 12_000;

const once =
  (fault: HttpFault): SpeechFault['strike'] =>
  ({ elevenlabs }) =>
    elevenlabs.fail(fault, 1);
const answer = (status: number, body: unknown) => once({ answer: { status, body } });
const detail = (code: string) => ({ detail: { type: 'error', code, status: code, message: code } });

/** The next one is not asked of a provider that will refuse it, too. */
const GROQ = { servedBy: 'groq', within: PROMPTLY, requests: [1, 2] } as const;
const AGAIN = { servedBy: 'elevenlabs', within: PROMPTLY, requests: [3, 0] } as const;

const FAULTS: readonly SpeechFault[] = [
  { ...GROQ, what: 'does not know the key', strike: answer(401, detail('invalid_api_key')) },
  { ...GROQ, what: 'has no credit', strike: answer(401, detail('quota_exceeded')) },
  { ...GROQ, what: 'does not take the form', strike: answer(422, { detail: [{ loc: ['file'] }] }) },
  { ...AGAIN, what: 'is busy', strike: answer(429, detail('system_busy')) },
  { ...AGAIN, what: 'is out of order', strike: answer(500, detail('internal_error')) },
  { ...AGAIN, what: 'has a proxy that is out of order', strike: answer(502, '<html>502</html>') },
  {
    ...AGAIN,
    what: 'does not answer',
    within: DEADLINE + PROMPTLY,
    strike: once({ hangs: 'head' }),
  },
  {
    ...AGAIN,
    what: 'stops in mid-answer',
    within: DEADLINE + PROMPTLY,
    strike: once({ hangs: 'body' }),
  },
  { ...AGAIN, what: 'tears the connection in mid-answer', strike: once({ torn: true }) },
  {
    ...GROQ,
    what: 'cannot be reached',
    strike: ({ elevenlabs }) => elevenlabs.close(),
    requests: [0, 2],
  },
];

describeSpeechFaults(
  'ElevenLabs',
  {
    provider: 'elevenlabs',
    isStreaming: false,
    call: { language: 'ar' },
    phrases: ['ar-waiting.wav', 'ar-bad.wav', 'ar-thanks.wav'],
  },
  FAULTS,
);
