import type { SttProvider } from '../../operators/types.js';
import { createDeepgram } from '../../streams/stt/deepgram.js';
import { createElevenLabs } from '../../streams/stt/elevenlabs.js';
import { createElevenLabsRealtime } from '../../streams/stt/elevenlabsRealtime.js';
import { createGroq } from '../../streams/stt/groq.js';
import type { SttSettings } from '../config.js';
import type { ProviderAdapter } from './createSpeechToText.js';

/** The speech providers with the accounts of the settings, and nothing that helps when they fail. */
export function providerAdapters({
  accounts,
  elevenlabsMode,
}: SttSettings): Readonly<Record<SttProvider, ProviderAdapter>> {
  const { deepgram, groq, elevenlabs } = accounts;
  return {
    deepgram: { stt: createDeepgram(deepgram), batch: false },
    groq: { stt: createGroq(groq), batch: true },
    elevenlabs:
      elevenlabsMode === 'realtime'
        ? { stt: createElevenLabsRealtime(elevenlabs), batch: false }
        : { stt: createElevenLabs(elevenlabs), batch: true },
  };
}
