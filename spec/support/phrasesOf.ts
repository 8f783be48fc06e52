import { loadPhrases, type Phrase } from '../../demo/providers/phrases/loadPhrases.js';

/** Phrases of the demo by their files, in that order. */
export async function phrasesOf(files: readonly string[]): Promise<readonly Phrase[]> {
  const phrases = await loadPhrases();
  return files.map((file) => phrases.find((phrase) => phrase.file === file)!);
}
