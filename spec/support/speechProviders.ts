import {
  type DeepgramStandIn,
  type DeepgramStandInOptions,
  startDeepgramStandIn,
} from '../../demo/providers/deepgramStandIn.js';
import {
  type ElevenLabsStandIn,
  type ElevenLabsStandInOptions,
  startElevenLabsStandIn,
} from '../../demo/providers/elevenlabsStandIn.js';
import {
  type GroqStandIn,
  type GroqStandInOptions,
  startGroqStandIn,
} from '../../demo/providers/groqStandIn.js';
import type { PhraseBook } from '../../demo/providers/phraseBook.js';

/** A stand-in of each speech provider, for one call alone. */
export interface SpeechProviders {
  readonly deepgram: DeepgramStandIn;
  readonly groq: GroqStandIn;
  readonly elevenlabs: ElevenLabsStandIn;
  /** Has a bot ask them. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/** Where stand-ins differ from the providers as they are. */
export interface ProviderHabits {
  readonly deepgram?: Partial<DeepgramStandInOptions>;
  readonly groq?: Partial<GroqStandInOptions>;
  readonly elevenlabs?: Partial<ElevenLabsStandInOptions>;
}

const apiKey = 'a-key-for-stand-ins-only';

/** Starts the three stand-ins. */
export async function startSpeechProviders(
  phraseBook: PhraseBook,
  habits: ProviderHabits = {},
): Promise<SpeechProviders> {
  const usual = { apiKey, phraseBook };
  const deepgram = await startDeepgramStandIn({ ...usual, ...habits.deepgram });
  const groq = await startGroqStandIn({ ...usual, ...habits.groq });
  const elevenlabs = await startElevenLabsStandIn({ ...usual, ...habits.elevenlabs });
  return {
    deepgram,
    groq,
    elevenlabs,
    env: {
      DEEPGRAM_API_KEY: apiKey,
      DEEPGRAM_BASE_URL: deepgram.url,
      GROQ_API_KEY: apiKey,
      GROQ_BASE_URL: groq.url,
      ELEVENLABS_API_KEY: apiKey,
      ELEVENLABS_BASE_URL: elevenlabs.url,
    },
    close: async () => {
      await Promise.all([deepgram.close(), groq.close(), elevenlabs.close()]);
    },
  };
}
