import type { ElevenLabsError } from 'elevenlabs';
import { httpSttError } from '../../operators/httpSttError.js';
import { parseScribe } from '../../operators/parseScribe.js';
import { toScribeLanguage } from '../../operators/scribeLanguage.js';
import type { SttError } from '../../operators/sttError.js';
import type { Milliseconds, SpeechToText } from '../../operators/types.js';
import { unreachableSttError } from '../../operators/unreachableSttError.js';
import { batchSpeechToText } from './batchSpeechToText.js';

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
export function createElevenLabs({
  apiKey,
  baseUrl = BASE_URL,
  deadline = DEADLINE,
}: ElevenLabsOptions): SpeechToText {
  return batchSpeechToText({
    ...SCRIBE,
    name: 'ElevenLabs',
    deadline,
    load: loadScribe,
    request: ({ SpeechToText: Scribe }, wav, language, abortSignal) => {
      const scribe = new Scribe({ apiKey, baseUrl });
      const code = toScribeLanguage(language);
      return scribe.convert(
        {
          model_id: SCRIBE.model,
          file: new File([wav], 'utterance.wav', { type: 'audio/wav' }),
          tag_audio_events: false,
          timestamps_granularity: 'word',
          ...(code !== undefined && { language_code: code }),
        },
        // The SDK's own retry sends half a body.
        { abortSignal, maxRetries: 0, timeoutInSeconds: deadline / 1000 },
      );
    },
    parse: (answer) => parseScribe(answer),
    toSttError,
  });
}

/**
 * What the SDK's client of this service itself loads, as far as that takes long. The whole SDK keeps
 * the process busy for 200 ms, which those on hold in the same process would hear as a gap in their
 * music; one part after the other, it is some 90 ms (measured).
 */
const PARTS = [
  'elevenlabs/core/index.js',
  'elevenlabs/api/types/index.js',
  'elevenlabs/api/resources/index.js',
];

/** The SDK's client of this service alone: the others are never asked. */
async function loadScribe() {
  for (const part of PARTS) await import(part);
  return import('elevenlabs/api/resources/speechToText/client/Client.js');
}

/** The SDK's own error is not kept: what is in it may repeat the key. */
function toSttError(error: unknown): SttError {
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
