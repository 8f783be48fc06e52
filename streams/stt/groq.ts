import type { APIError } from 'groq-sdk';
import { httpSttError } from '../../operators/httpSttError.js';
import { parseWhisper } from '../../operators/parseWhisper.js';
import type { SttError } from '../../operators/sttError.js';
import type { Milliseconds, SpeechToText } from '../../operators/types.js';
import { unreachableSttError } from '../../operators/unreachableSttError.js';
import { toWhisperLanguage } from '../../operators/whisperLanguage.js';
import { batchSpeechToText } from './batchSpeechToText.js';

/** An account at Groq. */
export interface GroqOptions {
  readonly apiKey: string;
  /** Another address than Groq's own; the path `/openai/v1` is added to it. */
  readonly baseUrl?: string | undefined;
  /** From the end of the utterance to the end of the answer. */
  readonly deadline?: Milliseconds;
}

const GROQ = { provider: 'groq', model: 'whisper-large-v3-turbo' } as const;
/** Told always, or the SDK would look into the environment. */
const BASE_URL = 'https://api.groq.com';
/** Ten times what a short utterance takes: by then, a new request is the better hope. */
const DEADLINE: Milliseconds = 8_000;

/**
 * Groq's Whisper: one request per utterance, made when it is over.
 *
 *     audio   f-f-f-f|
 *     result  ----------(r|)     the request's time after the end of the audio
 *
 * A language that Whisper does not know is left to be detected, for it would be refused. What
 * Whisper invents where nobody speaks is left out.
 *
 * Errors: SttError. By the status of the answer (`httpSttError`); `retry` where there is none, not
 * in time, or one that cannot be read.
 */
export function createGroq({
  apiKey,
  baseUrl = BASE_URL,
  deadline = DEADLINE,
}: GroqOptions): SpeechToText {
  return batchSpeechToText({
    ...GROQ,
    name: 'Groq',
    deadline,
    load: () => import('groq-sdk'),
    request: async ({ Groq, toFile }, wav, language, signal) => {
      const groq = new Groq({ apiKey, baseURL: baseUrl, maxRetries: 0, logLevel: 'off' });
      const code = toWhisperLanguage(language);
      return groq.audio.transcriptions.create(
        {
          model: GROQ.model,
          file: await toFile(wav, 'utterance.wav', { type: 'audio/wav' }),
          response_format: 'verbose_json',
          temperature: 0,
          ...(code !== undefined && { language: code }),
        },
        { signal },
      );
    },
    parse: parseWhisper,
    toSttError,
  });
}

/** The SDK's own error is not kept: what is in it may repeat the key. */
function toSttError(error: unknown): SttError {
  const { status, headers, error: body } = Object(error) as Partial<APIError>;
  if (status === undefined) return unreachableSttError('Groq', error);
  const { error: told } = Object(body) as { readonly error?: unknown };
  const { code } = Object(told) as { readonly code?: string };
  return httpSttError('Groq', { status, code, headerOf: (name) => headers?.get(name) });
}
