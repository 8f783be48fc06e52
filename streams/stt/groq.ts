import type { APIError } from 'groq-sdk';
import {
  catchError,
  defer,
  forkJoin,
  map,
  type Observable,
  switchMap,
  throwError,
  timeout,
} from 'rxjs';
import { encodeWav } from '../../operators/encodeWav.js';
import { fromAbortable } from '../../operators/fromAbortable.js';
import { httpSttError } from '../../operators/httpSttError.js';
import { parseWhisper } from '../../operators/parseWhisper.js';
import { SttError } from '../../operators/sttError.js';
import { toRecognition } from '../../operators/toRecognition.js';
import type { LanguageTag, Milliseconds, Samples, SpeechToText } from '../../operators/types.js';
import { unreachableSttError } from '../../operators/unreachableSttError.js';
import { toWhisperLanguage } from '../../operators/whisperLanguage.js';

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
/** 0.1 s at 16 kHz: nothing can be said in less. Groq itself refuses less than 0.01 s. */
const SHORTEST: Samples = 1_600;

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
export function createGroq(options: GroqOptions): SpeechToText {
  return {
    ...GROQ,
    transcribe(utterance, language) {
      // The SDK is loaded while the utterance goes on, not after it.
      return forkJoin([
        defer(() => import('groq-sdk')),
        utterance.audio.pipe(encodeWav(SHORTEST)),
      ]).pipe(
        switchMap(([sdk, wav]) => request(sdk, wav, language, options)),
        map(parseWhisper),
        toRecognition(GROQ, language),
        catchError((error: unknown) => throwError(() => toSttError(error))),
      );
    },
  } satisfies SpeechToText;
}

function request(
  { Groq, toFile }: typeof import('groq-sdk'),
  wav: Uint8Array<ArrayBuffer>,
  language: LanguageTag | undefined,
  { apiKey, baseUrl = BASE_URL, deadline = DEADLINE }: GroqOptions,
): Observable<unknown> {
  const groq = new Groq({ apiKey, baseURL: baseUrl, maxRetries: 0, logLevel: 'off' });
  const code = toWhisperLanguage(language);
  // The SDK's own timeout ends with the head of the answer.
  const overdue = () => new SttError('retry', `Groq has not answered within ${deadline} ms`);
  return fromAbortable(async (signal) =>
    groq.audio.transcriptions.create(
      {
        model: GROQ.model,
        file: await toFile(wav, 'utterance.wav', { type: 'audio/wav' }),
        response_format: 'verbose_json',
        temperature: 0,
        ...(code !== undefined && { language: code }),
      },
      { signal },
    ),
  ).pipe(timeout({ first: deadline, with: () => throwError(() => overdue()) }));
}

/** The SDK's own error is not kept: what is in it may repeat the key. */
function toSttError(error: unknown): SttError {
  if (error instanceof SttError) return error;
  const { status, headers, error: body } = Object(error) as Partial<APIError>;
  if (status === undefined) return unreachableSttError('Groq', error);
  const { error: told } = Object(body) as { readonly error?: unknown };
  const { code } = Object(told) as { readonly code?: string };
  return httpSttError('Groq', { status, code, headerOf: (name) => headers?.get(name) });
}
