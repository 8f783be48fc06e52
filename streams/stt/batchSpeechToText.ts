import { catchError, defer, forkJoin, map, switchMap, throwError, timeout } from 'rxjs';
import { encodeWav } from '../../operators/encodeWav.js';
import { fromAbortable } from '../../operators/fromAbortable.js';
import { SttError } from '../../operators/sttError.js';
import { type RecognisedText, toRecognition } from '../../operators/toRecognition.js';
import type {
  LanguageTag,
  Milliseconds,
  Samples,
  SpeechToText,
  SttProvider,
} from '../../operators/types.js';

/** 0.1 s at 16 kHz: nothing can be said in less, and some providers refuse it. */
const SHORTEST: Samples = 1_600;

/** What is each provider's own, of those that are asked when an utterance is over. */
export interface BatchProvider<Sdk> {
  readonly provider: SttProvider;
  readonly model: string;
  /** As people write it. */
  readonly name: string;
  /** From the end of the utterance to the end of the answer. */
  readonly deadline: Milliseconds;
  load(): Promise<Sdk>;
  request(
    sdk: Sdk,
    wav: Uint8Array<ArrayBuffer>,
    language: LanguageTag | undefined,
    signal: AbortSignal,
  ): Promise<unknown>;
  /** What an answer says. Throws where it cannot be read. */
  parse(answer: unknown): RecognisedText;
  /** What a failed request calls for. */
  toSttError(error: unknown): SttError;
}

/**
 * Speech to text by one request per utterance, made when it is over.
 *
 *     audio   f-f-f-f|
 *     result  ----------(r|)     the request's time after the end of the audio
 *
 * Errors: SttError; `retry` where there is no answer in time.
 */
export function batchSpeechToText<Sdk>(batch: BatchProvider<Sdk>): SpeechToText {
  const { provider, model, name, deadline } = batch;
  // The SDKs' own timeouts end with the head of the answer.
  const overdue = () => new SttError('retry', `${name} has not answered within ${deadline} ms`);
  return {
    provider,
    model,
    transcribe(utterance, language) {
      // The SDK is loaded while the utterance goes on, not after it.
      return forkJoin([defer(() => batch.load()), utterance.audio.pipe(encodeWav(SHORTEST))]).pipe(
        switchMap(([sdk, wav]) =>
          fromAbortable((signal) => batch.request(sdk, wav, language, signal)).pipe(
            timeout({ first: deadline, with: () => throwError(() => overdue()) }),
          ),
        ),
        map((answer) => batch.parse(answer)),
        toRecognition({ provider, model }, language),
        catchError((error: unknown) =>
          throwError(() => (error instanceof SttError ? error : batch.toSttError(error))),
        ),
      );
    },
  } satisfies SpeechToText;
}
