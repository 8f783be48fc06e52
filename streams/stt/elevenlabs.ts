import type { ElevenLabsError } from 'elevenlabs';
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
import { parseScribe } from '../../operators/parseScribe.js';
import { toScribeLanguage } from '../../operators/scribeLanguage.js';
import { SttError } from '../../operators/sttError.js';
import { toRecognition } from '../../operators/toRecognition.js';
import type { LanguageTag, Milliseconds, Samples, SpeechToText } from '../../operators/types.js';
import { unreachableSttError } from '../../operators/unreachableSttError.js';

/** An account at ElevenLabs. */
export interface ElevenLabsOptions {
  readonly apiKey: string;
  /** Another address than ElevenLabs' own; the path `/v1/speech-to-text` is added to it. */
  readonly baseUrl?: string | undefined;
  /** From the end of the utterance to the end of the answer. */
  readonly deadline?: Milliseconds;
}

const SCRIBE = { provider: 'elevenlabs', model: 'scribe_v2' } as const;
const BASE_URL = 'https://api.elevenlabs.io';
/** Ten times what a short utterance takes: by then, a new request is the better hope. */
const DEADLINE: Milliseconds = 12_000;
/** 100 ms at 16 kHz: ElevenLabs refuses less. */
const SHORTEST: Samples = 1_600;

/**
 * ElevenLabs' Scribe: one request per utterance, made when it is over.
 *
 *     audio   f-f-f-f|
 *     result  ----------(r|)     the request's time after the end of the audio
 *
 * A language that Scribe does not know is left to be detected. Sounds that are no words, such as
 * laughter, are not described.
 *
 * Errors: SttError. By the status of the answer (`httpSttError`); `retry` where there is none, not
 * in time, or one that cannot be read.
 */
export function createElevenLabs(options: ElevenLabsOptions): SpeechToText {
  return {
    ...SCRIBE,
    transcribe(utterance, language) {
      // The SDK is loaded while the utterance goes on, not after it.
      return forkJoin([
        defer(() => import('elevenlabs')),
        utterance.audio.pipe(encodeWav(SHORTEST)),
      ]).pipe(
        switchMap(([sdk, wav]) => request(sdk, wav, language, options)),
        map((answer) => parseScribe(answer)),
        toRecognition(SCRIBE, language),
        catchError((error: unknown) => throwError(() => toSttError(error))),
      );
    },
  } satisfies SpeechToText;
}

function request(
  { ElevenLabsClient }: typeof import('elevenlabs'),
  wav: Uint8Array<ArrayBuffer>,
  language: LanguageTag | undefined,
  { apiKey, baseUrl = BASE_URL, deadline = DEADLINE }: ElevenLabsOptions,
): Observable<unknown> {
  const { speechToText } = new ElevenLabsClient({ apiKey, baseUrl });
  const code = toScribeLanguage(language);
  // The SDK's own timeout ends with the head of the answer, and its retry sends half a body.
  const overdue = () => new SttError('retry', `ElevenLabs has not answered within ${deadline} ms`);
  return fromAbortable((abortSignal) =>
    speechToText.convert(
      {
        model_id: SCRIBE.model,
        file: new File([wav], 'utterance.wav', { type: 'audio/wav' }),
        tag_audio_events: false,
        timestamps_granularity: 'word',
        ...(code !== undefined && { language_code: code }),
      },
      { abortSignal, maxRetries: 0, timeoutInSeconds: deadline / 1000 },
    ),
  ).pipe(timeout({ first: deadline, with: () => throwError(() => overdue()) }));
}

/** The SDK's own error is not kept: what is in it may repeat the key. */
function toSttError(error: unknown): SttError {
  if (error instanceof SttError) return error;
  const { statusCode: status, body } = Object(error) as Partial<ElevenLabsError>;
  if (status === undefined) return unreachableSttError('ElevenLabs', error);
  return httpSttError('ElevenLabs', { status, code: codeOf(body) });
}

/** `code` is the newer name of `status`; where the form is refused, there is neither. */
function codeOf(body: unknown): string | undefined {
  const { detail } = Object(body) as { readonly detail?: unknown };
  const { code, status } = Object(detail) as Readonly<Record<string, unknown>>;
  return [code, status].find((name) => typeof name === 'string');
}
