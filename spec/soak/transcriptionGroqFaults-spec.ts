import type { HttpFault } from '../../demo/providers/standInServer.js';
import { describeSpeechFaults, type SpeechFault } from '../support/describeSpeechFaults.js';

/** The pause of 400 ms, two requests, and a busy machine. */
const PROMPTLY = 4_000;
/** After which an answer is not waited for any longer. */
const DEADLINE = 8_000;

const once =
  (fault: HttpFault): SpeechFault['strike'] =>
  ({ groq }) =>
    groq.fail(fault, 1);
const answer = (status: number, body: unknown, headers = {}) =>
  once({ answer: { status, body, headers } });
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
  { ...AGAIN, what: 'is out of order', strike: answer(500, { error: {} }) },
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
