import { describeSpeechFaults, type SpeechFault } from '../support/describeSpeechFaults.js';
import { httpSpeechFaults, once, PROMPTLY } from '../support/httpSpeechFaults.js';

const answer = (status: number, body: unknown) => once('elevenlabs')({ answer: { status, body } });
const detail = (code: string) => ({ detail: { type: 'error', code, status: code, message: code } });

/** The next one is not asked of a provider that will refuse it, too. */
const GROQ = { servedBy: 'groq', within: PROMPTLY, requests: [1, 2] } as const;
const AGAIN = { servedBy: 'elevenlabs', within: PROMPTLY, requests: [3, 0] } as const;

const FAULTS: readonly SpeechFault[] = [
  { ...GROQ, what: 'does not know the key', strike: answer(401, detail('invalid_api_key')) },
  { ...GROQ, what: 'has no credit', strike: answer(401, detail('quota_exceeded')) },
  { ...GROQ, what: 'does not take the form', strike: answer(422, { detail: [{ loc: ['file'] }] }) },
  { ...AGAIN, what: 'is busy', strike: answer(429, detail('system_busy')) },
  ...httpSpeechFaults({
    provider: 'elevenlabs',
    deadline: 12_000,
    again: AGAIN,
    outOfOrder: detail('internal_error'),
  }),
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
