import { createPhraseBook } from './providers/phraseBook.js';
import { startDeepgramStandIn } from './providers/deepgramStandIn.js';
import { startElevenLabsStandIn } from './providers/elevenlabsStandIn.js';
import { startGroqStandIn } from './providers/groqStandIn.js';
import { loadPhrases, type Phrase } from './providers/phrases/loadPhrases.js';

/** The speech providers of the demo, real or not. */
export interface SpeechProviders {
  /** What the bot needs to find them. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of those that are stand-ins: they know the phrases word by word. */
  readonly standIns: ReadonlySet<string>;
  /** The phrase in the file of this name. */
  readonly phrase: (name: string) => Phrase;
  readonly close: () => Promise<unknown>;
}

const STAND_INS = {
  deepgram: startDeepgramStandIn,
  elevenlabs: startElevenLabsStandIn,
  groq: startGroqStandIn,
};
const apiKey = 'stand-in-key';

/** Uses each provider whose key is in the environment, and starts a stand-in for every other. */
export async function startSpeechProviders(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<SpeechProviders> {
  const phrases = await loadPhrases();
  const phraseBook = createPhraseBook(phrases);
  const env: Record<string, string> = {};
  const servers = new Map<string, { readonly close: () => Promise<void> }>();
  for (const [name, start] of Object.entries(STAND_INS)) {
    const [key, address] = [`${name.toUpperCase()}_API_KEY`, `${name.toUpperCase()}_BASE_URL`];
    const real = environment[key] ?? '';
    if (real !== '') {
      env[key] = real;
      const url = environment[address] ?? '';
      if (url !== '') env[address] = url;
    } else {
      const server = await start({ apiKey, phraseBook });
      servers.set(name, server);
      [env[key], env[address]] = [apiKey, server.url];
    }
  }
  return {
    env,
    standIns: new Set(servers.keys()),
    phrase: (name) => phrases.find(({ file }) => file === `${name}.wav`)!,
    close: () => Promise.all([...servers.values()].map((server) => server.close())),
  };
}
