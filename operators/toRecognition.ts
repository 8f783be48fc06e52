import { filter, map, type OperatorFunction, pipe } from 'rxjs';
import { baseLanguage } from './baseLanguage.js';
import type { LanguageTag, Recognition, SpeechToText } from './types.js';

/** What a provider says of an utterance: `text` may be empty, `language` is as it was told. */
export type RecognisedText = Pick<Recognition, 'text' | 'language' | 'confidence'>;

/**
 * Says whose text it is; an empty one is none.
 *
 *     source  --a--e-|      e: empty
 *     result  --A----|
 *
 * @param requested what the text is in where the provider has not told.
 */
export function toRecognition(
  { provider, model }: Pick<SpeechToText, 'provider' | 'model'>,
  requested: LanguageTag | undefined,
): OperatorFunction<RecognisedText, Recognition> {
  return pipe(
    filter(({ text }) => text !== ''),
    map(({ text, language = baseLanguage(requested), confidence }) => ({
      text,
      language,
      confidence,
      provider,
      model,
    })),
  );
}
