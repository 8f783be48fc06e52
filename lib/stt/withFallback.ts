import { catchError, take, tap, throwError } from 'rxjs';
import type { SttError } from '../../operators/sttError.js';
import type { SpeechToText } from '../../operators/types.js';
import { asSttError } from './asSttError.js';

/**
 * Gives each utterance that the primary fails on to the fallback, whole.
 *
 *     primary   --t|   --x       --x
 *     fallback           ---t|     ---y
 *     result    --t|   -----t|   -----(x or y)
 *
 * Emits at most one text, which says whose it is. Where both fail: the error that leaves more hope
 * for another attempt, that is of the one who may be asked sooner.
 *
 * @param onText told of each text that is the fallback's.
 */
export function withFallback(
  primary: SpeechToText,
  fallback: SpeechToText,
  onText: () => void,
): SpeechToText {
  return {
    provider: primary.provider,
    model: primary.model,
    transcribe(utterance, language) {
      return primary.transcribe(utterance, language).pipe(
        take(1),
        catchError((failure: unknown) => {
          const first = asSttError(failure, primary.provider);
          return fallback.transcribe(utterance, language).pipe(
            take(1),
            tap(onText),
            catchError((error: unknown) =>
              throwError(() => moreHopeful(first, asSttError(error, fallback.provider))),
            ),
          );
        }),
      );
    },
  } satisfies SpeechToText;
}

const askableAfter = ({ kind, retryAfter = 0 }: SttError) =>
  kind === 'fatal' ? Infinity : retryAfter;

const moreHopeful = (first: SttError, second: SttError): SttError =>
  askableAfter(first) < askableAfter(second) ? first : second;
