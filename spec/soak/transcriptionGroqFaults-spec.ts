import { describeSpeechFaults, type SpeechFault } from '../support/describeSpeechFaults.js';
import { httpSpeechFaults, once, PROMPTLY } from '../support/httpSpeechFaults.js';

const answer = (status: number, body: unknown, headers = {}) =>
  once('groq')({ answer: { status, body, headers } });
const tooMany = { error: { message: 'Rate limit reached.', code: 'rate_limit_exceeded' } };
const AGAIN = { servedBy: 'groq', within: PROMPTLY, requests: [3, 3] } as const;

const FAULTS: readonly SpeechFault[] = [
  { ...AGAIN, what: 'is throttling without a word', strike: answer(429, tooMany) },
  {
    ...AGAIN,
    what: 'wants to be left alone for 12 s',
    within: 12_000 + PROMPTLY,
    othersWithin: 12_000 + PROMPTLY,
    strike: answer(429, tooMany, { 'retry-after': '12' }),
  },
  { ...AGAIN, what: 'has no capacity', strike: answer(498, { error: {} }) },
  ...httpSpeechFaults({
    provider: 'groq',
    deadline: 8_000,
    again: AGAIN,
    outOfOrder: { error: {} },
  }),
  { ...AGAIN, what: 'answers in another format', strike: answer(200, 'Bonjour') },
  {
    ...AGAIN,
    what: 'does not know the language',
    language: 'br-FR',
    habits: { groq: { languageOf: () => 'fr' } },
    strike: () => undefined,
    requests: [2, 2],
  },
];

describeSpeechFaults(
  'Groq',
  {
    provider: 'groq',
    isStreaming: false,
    call: { language: 'fr' },
    phrases: ['fr-tomorrow.wav', 'fr-cancel.wav', 'fr-thanks.wav'],
  },
  FAULTS,
);
