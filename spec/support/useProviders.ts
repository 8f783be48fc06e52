import { createPhraseBook, type PhraseBook } from '../../demo/providers/phraseBook.js';
import { loadPhrases, type Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import {
  type DeepgramStandIn,
  startDeepgramStandIn,
} from '../../demo/providers/deepgramStandIn.js';
import {
  type ElevenLabsStandIn,
  startElevenLabsStandIn,
} from '../../demo/providers/elevenlabsStandIn.js';
import { type GroqStandIn, startGroqStandIn } from '../../demo/providers/groqStandIn.js';

/** The speech providers of one spec, all of them stand-ins. */
export interface Providers {
  readonly deepgram: DeepgramStandIn;
  readonly groq: GroqStandIn;
  readonly elevenlabs: ElevenLabsStandIn;
  /** What points a bot at them. */
  readonly env: Readonly<Record<string, string>>;
}

const apiKey = 'the-key';

async function startProviders(phraseBook: PhraseBook): Promise<Providers> {
  const deepgram = await startDeepgramStandIn({ apiKey, phraseBook });
  const groq = await startGroqStandIn({ apiKey, phraseBook });
  const elevenlabs = await startElevenLabsStandIn({ apiKey, phraseBook });
  const env = {
    DEEPGRAM_API_KEY: apiKey,
    DEEPGRAM_BASE_URL: deepgram.url,
    GROQ_API_KEY: apiKey,
    GROQ_BASE_URL: groq.url,
    ELEVENLABS_API_KEY: apiKey,
    ELEVENLABS_BASE_URL: elevenlabs.url,
  };
  return { deepgram, groq, elevenlabs, env };
}

/** Runs new stand-ins around each spec of the enclosing `describe`; call the results in them. */
export function useProviders() {
  let phrases: readonly Phrase[] = [];
  let phraseBook: PhraseBook;
  let providers: Providers | undefined;
  before(async () => {
    phrases = await loadPhrases();
    phraseBook = createPhraseBook(phrases);
  });
  beforeEach(async () => {
    providers = await startProviders(phraseBook);
  });
  afterEach(async () => {
    const { deepgram, groq, elevenlabs } = providers!;
    await Promise.all([deepgram, groq, elevenlabs].map((provider) => provider.close()));
  });
  return {
    providers: () => providers!,
    /** The phrase in the file of this name. */
    phrase: (name: string) => phrases.find(({ file }) => file === `${name}.wav`)!,
  };
}
