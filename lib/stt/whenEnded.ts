import { switchMap, take } from 'rxjs';
import type { SpeechToText } from '../../operators/types.js';

/**
 * Begins with an utterance when it has ended: for providers that are asked only then.
 *
 *     utterance  ~~~~~~~~~|
 *     requests            r---t|
 *
 * Whether a request may be made is thus decided when it is made, not while somebody still speaks.
 */
export function whenEnded(stt: SpeechToText): SpeechToText {
  return {
    provider: stt.provider,
    model: stt.model,
    transcribe(utterance, language) {
      return utterance.end.pipe(
        take(1),
        switchMap(() => stt.transcribe(utterance, language)),
      );
    },
  } satisfies SpeechToText;
}
