import { createPhraseBook, type PhraseBook } from '../../demo/providers/phraseBook.js';
import { loadPhrases, type Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import { type SpeechProviders, startSpeechProviders } from './speechProviders.js';

/**
 * Runs new stand-ins around each spec of the enclosing `describe`; call the results in them.
 *
 * @param open the book by which they recognise phrases: `forgivingPhraseBook` where it is no matter
 *   what a busy machine makes of a voice.
 */
export function useProviders(open: (phrases: readonly Phrase[]) => PhraseBook = createPhraseBook) {
  let phrases: readonly Phrase[] = [];
  let phraseBook: PhraseBook;
  let providers: SpeechProviders | undefined;
  before(async () => {
    phrases = await loadPhrases();
    phraseBook = open(phrases);
  });
  beforeEach(async () => {
    providers = await startSpeechProviders(phraseBook);
  });
  afterEach(() => providers?.close());
  return {
    providers: () => providers!,
    /** The phrase in the file of this name. */
    phrase: (name: string) => phrases.find(({ file }) => file === `${name}.wav`)!,
  };
}
