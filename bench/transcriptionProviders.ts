import { startDeepgramStandIn } from '../demo/providers/deepgramStandIn.js';
import { startElevenLabsStandIn } from '../demo/providers/elevenlabsStandIn.js';
import { startGroqStandIn } from '../demo/providers/groqStandIn.js';
import type { PhraseBook } from '../demo/providers/phraseBook.js';

/** The three providers on this machine. */
export interface TranscriptionProviders {
  /** What has a worker ask them. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const KEY = 'a-key';
/** Understands everything, at once: recognising would keep the processor from what is measured. */
const UNDERSTANDING: PhraseBook = { recognise: () => 'All right.' };

/**
 * Starts stand-ins for the three providers, which need no time but the one they are told to.
 *
 * @param delayMs what each answer takes.
 * @param phraseBook what they understand; anything as the same text when missing.
 */
export async function startTranscriptionProviders(
  delayMs: number,
  phraseBook: PhraseBook = UNDERSTANDING,
): Promise<TranscriptionProviders> {
  const options = { apiKey: KEY, phraseBook, delayMs };
  const [deepgram, groq, elevenlabs] = await Promise.all([
    startDeepgramStandIn(options),
    startGroqStandIn(options),
    startElevenLabsStandIn(options),
  ]);
  return {
    env: {
      DEEPGRAM_API_KEY: KEY,
      GROQ_API_KEY: KEY,
      ELEVENLABS_API_KEY: KEY,
      DEEPGRAM_BASE_URL: deepgram.url,
      GROQ_BASE_URL: groq.url,
      ELEVENLABS_BASE_URL: elevenlabs.url,
    },
    close: async () => {
      await Promise.all([deepgram, groq, elevenlabs].map((standIn) => standIn.close()));
    },
  };
}
