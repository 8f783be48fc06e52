import { routeLanguage } from '../../operators/routeLanguage.js';
import type {
  DetectSpeech,
  LanguageTag,
  ScoreSentiment,
  SpeechToText,
  SttProvider,
} from '../../operators/types.js';
import { createDeepgram } from '../../streams/stt/deepgram.js';
import { createElevenLabs } from '../../streams/stt/elevenlabs.js';
import { createElevenLabsRealtime } from '../../streams/stt/elevenlabsRealtime.js';
import { createGroq } from '../../streams/stt/groq.js';
import type { SttSettings } from '../config.js';
import { createScoreSentiment } from '../engines/sentiment.js';
import { createDetectSpeech } from '../engines/vad.js';
import type { Logger } from '../logger.js';
import type { TranscriptionMetrics } from '../metricsTranscription.js';
import { createSpeechToText, type ProviderAdapter } from './createSpeechToText.js';

/** What the calls of a host share to turn voices into text. */
export interface HostTranscriber {
  /** Who serves a language. */
  route(language: LanguageTag | undefined): SpeechToText;
  readonly detect: DetectSpeech;
  readonly score: ScoreSentiment;
}

function adapters({
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

/**
 * Everything that transcription needs in a host, once: what providers' breakers and limits know is
 * for all calls. Costs next to nothing until somebody is transcribed: models and SDKs are loaded
 * by the first who need them.
 */
export function createHostTranscriber(
  settings: SttSettings,
  logger: Logger,
  metrics: TranscriptionMetrics,
): HostTranscriber {
  const { byProvider } = createSpeechToText({
    adapters: adapters(settings),
    fallback: settings.fallback,
    logger,
    metrics,
  });
  return {
    route: (language) => byProvider[routeLanguage(settings.routes, language)],
    detect: createDetectSpeech(),
    score: createScoreSentiment(),
  };
}
