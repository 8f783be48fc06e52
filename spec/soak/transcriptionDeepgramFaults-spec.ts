import { describeSpeechFaults, type SpeechFault } from '../support/describeSpeechFaults.js';

/** The pause that ends an utterance, two requests, and a busy machine. */
const PROMPTLY = 4_000;

const refused = (status: number, code: string, retryAfter?: number): SpeechFault['strike'] => {
  const refusal = { type: 'refuse', status, code, message: code } as const;
  return ({ deepgram }) =>
    deepgram.fail({ ...refusal, ...(retryAfter !== undefined && { retryAfter }) }, 1);
};
const DEEPGRAM = { servedBy: 'deepgram', within: PROMPTLY } as const;
const GROQ = { servedBy: 'groq', within: PROMPTLY } as const;

const FAULTS: readonly SpeechFault[] = [
  {
    ...GROQ,
    what: 'does not know the key',
    strike: refused(401, 'INVALID_AUTH'),
    requests: [1, 2],
  },
  { ...GROQ, what: 'is not paid', strike: refused(402, 'ASR_PAYMENT_REQUIRED'), requests: [1, 2] },
  {
    ...DEEPGRAM,
    what: 'has too many connections',
    strike: refused(429, 'TOO_MANY_REQUESTS'),
    requests: [3, 0],
  },
  {
    ...GROQ,
    what: 'wants to be left alone for 10 s',
    strike: refused(429, 'TOO_MANY_REQUESTS', 10),
    requests: [1, 2],
  },
  { ...DEEPGRAM, what: 'is out of order', strike: refused(503, 'SERVICE'), requests: [3, 0] },
  {
    servedBy: 'deepgram',
    within: 7_000,
    what: 'does not answer the handshake',
    strike: ({ deepgram }) => deepgram.fail({ type: 'stall' }, 1),
    requests: [3, 0],
  },
  ...[1005, 1011].map((code): SpeechFault => ({
    ...DEEPGRAM,
    what: `closes with ${code} in mid-utterance`,
    strike: ({ deepgram }) => deepgram.fail({ type: 'close', code, atMs: 1_000 }, 1),
    requests: [3, 0],
  })),
  {
    ...GROQ,
    what: 'closes with 1008 in mid-utterance',
    strike: ({ deepgram }) =>
      deepgram.fail({ type: 'close', code: 1008, reason: 'DATA-0000', atMs: 1_000 }, 1),
    requests: [2, 2],
  },
  {
    ...DEEPGRAM,
    what: 'resets the connection in mid-utterance',
    strike: ({ deepgram }) => deepgram.fail({ type: 'reset', atMs: 1_000 }, 1),
    requests: [3, 0],
  },
  {
    servedBy: 'deepgram',
    within: 6_000,
    what: 'never says a word',
    strike: ({ deepgram }) => deepgram.fail({ type: 'silent' }, 1),
    requests: [3, 0],
  },
  {
    servedBy: 'deepgram',
    within: 6_000,
    what: 'gives interim results alone',
    strike: ({ deepgram }) => deepgram.fail({ type: 'deaf' }, 1),
    requests: [3, 0],
  },
  ...(['ignoreFinalize', 'speechFinal', 'pieces', 'noise', 'stay'] as const).map(
    (type): SpeechFault => ({
      ...DEEPGRAM,
      what: `answers otherwise: ${type}`,
      strike: ({ deepgram }) => deepgram.fail({ type }, 1),
      requests: [2, 0],
    }),
  ),
  {
    ...DEEPGRAM,
    within: 5_000,
    what: 'answers word by word',
    strike: ({ deepgram }) => deepgram.fail({ type: 'slow', eachMs: 200 }, 1),
    requests: [2, 0],
  },
  {
    ...DEEPGRAM,
    what: 'closes what has been idle for half a second',
    habits: { deepgram: { idleMs: 500 } },
    strike: () => undefined,
    requests: [2, 0],
  },
  {
    ...GROQ,
    what: 'cannot be reached',
    strike: ({ deepgram }) => deepgram.close(),
    requests: [0, 2],
  },
];

describeSpeechFaults(
  'Deepgram',
  {
    provider: 'deepgram',
    isStreaming: true,
    call: { language: 'en' },
    phrases: ['en-thanks.wav', 'en-angry.wav', 'en-patience.wav'],
  },
  FAULTS,
);
