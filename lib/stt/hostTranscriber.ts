import { routeLanguage } from '../../operators/routeLanguage.js';
import type {
  DetectSpeech,
  LanguageTag,
  ScoreSentiment,
  SpeechToText,
} from '../../operators/types.js';
import type { SttSettings } from '../config.js';
import { createScoreSentiment } from '../engines/sentiment.js';
import { createDetectSpeech, loadVoiceDetection } from '../engines/vad.js';
import type { Logger } from '../logger.js';
import type { TranscriptionMetrics } from '../metricsTranscription.js';
import { createSpeechToText } from './createSpeechToText.js';
import { providerAdapters } from './providerAdapters.js';

/** What the calls of a host share to turn voices into text. */
export interface HostTranscriber {
  /** Who serves a language. */
  route(language: LanguageTag | undefined): SpeechToText;
  readonly detect: DetectSpeech;
  /** Resolves when voices can be heard without a wait; never rejects. Loads what that takes. */
  readonly load: () => Promise<unknown>;
  readonly score: ScoreSentiment;
}

/**
 * Everything that transcription needs in a host, once: what providers' breakers and limits know is
 * for all calls. Costs next to nothing until it is loaded, or somebody is transcribed.
 */
export function createHostTranscriber(
  settings: SttSettings,
  logger: Logger,
  metrics: TranscriptionMetrics,
): HostTranscriber {
  const { byProvider } = createSpeechToText({
    adapters: providerAdapters(settings),
    fallback: settings.fallback,
    logger,
    metrics,
  });
  return {
    route: (language) => byProvider[routeLanguage(settings.routes, language)],
    detect: createDetectSpeech(),
    load: () => loadVoiceDetection().catch(() => undefined),
    score: createScoreSentiment(),
  };
}
