import { asyncScheduler, BehaviorSubject, type Observable, type SchedulerLike, tap } from 'rxjs';
import type { Milliseconds, SpeechToText, SttProvider } from '../../operators/types.js';
import type { Logger } from '../logger.js';
import type { TranscriptionMetrics } from '../metricsTranscription.js';
import { asSttError } from './asSttError.js';
import type { Circuit } from './circuit.js';
import { circuitBreaker } from './circuitBreaker.js';
import { rateLimit } from './rateLimit.js';
import { type Patience, retrying } from './retrying.js';
import { whenEnded } from './whenEnded.js';
import { withFallback } from './withFallback.js';

/** A provider as it is, and when it is asked. */
export interface ProviderAdapter {
  readonly stt: SpeechToText;
  /** Whether it is asked when an utterance has ended, rather than while somebody speaks. */
  readonly batch: boolean;
}

/** What the speech providers of a host are made of. */
export interface SpeechToTextOptions {
  readonly adapters: Readonly<Record<SttProvider, ProviderAdapter>>;
  /** Who stands in for a provider that fails. */
  readonly fallback: SttProvider | 'off';
  readonly logger: Logger;
  readonly metrics: Pick<TranscriptionMetrics, 'circuit' | 'failed' | 'failedOver'>;
  /** On any clock that runs steadily. */
  readonly now?: () => Milliseconds;
  /** 0 to 1. */
  readonly random?: () => number;
  /** Waits. */
  readonly scheduler?: SchedulerLike;
}

/** How each provider is thought to be. */
export type ProviderStates = Readonly<Record<SttProvider, Circuit['status']>>;

/** The speech providers of a host. */
export interface HostSpeechToText {
  /** Each provider with all that stands behind it when it fails. */
  readonly byProvider: Readonly<Record<SttProvider, SpeechToText>>;
  /** The current states, then each change. */
  readonly states$: Observable<ProviderStates>;
}

/** With somebody else at hand: what failed twice is theirs. */
const BRIEF: Patience = { attempts: 2, waits: false };
/** With nobody else: through an outage of ten minutes, though not for ever. */
const PERSISTENT: Patience = { attempts: 100, waits: true };

/** With a fallback, each trial delays an utterance that would have been served elsewhere. */
const LONGEST_COOL_DOWN: Milliseconds = 60_000;
/** Without one, every speaker loses a second for each that a provider is back unnoticed. */
const LONGEST_COOL_DOWN_ALONE: Milliseconds = 10_000;

const eachProvider = <T>(make: (provider: SttProvider) => T): Readonly<Record<SttProvider, T>> => ({
  deepgram: make('deepgram'),
  elevenlabs: make('elevenlabs'),
  groq: make('groq'),
});

/**
 * The speech providers of a process, which give each utterance its text whoever is out of order.
 *
 *     adapter -> circuitBreaker -> rateLimit -> whenEnded    one request, or none
 *             -> retrying -> withFallback                    two attempts, then somebody else
 *             -> retrying                                    until there is a text, for minutes
 *
 * Breakers and limits are shared by all calls, and by a provider's own utterances and those that
 * it takes over. The breaker is next to the adapter, so that nothing that has waited for its turn
 * goes out while the circuit is open. An outage is logged once, and so is its end.
 *
 * What waits is one timer for each utterance that is being transcribed: how many those are, and how
 * long they wait, is for the caller to bound. Emits at most one text per utterance.
 * Errors: `SttError` alone, where neither the provider nor its fallback will ever do, or after 100
 * failures of both, which take about ten minutes.
 */
export function createSpeechToText(options: SpeechToTextOptions): HostSpeechToText {
  const deps = {
    now: () => performance.now(),
    random: Math.random,
    scheduler: asyncScheduler,
    ...options,
  };
  const states$ = new BehaviorSubject<ProviderStates>(eachProvider(() => 'closed'));
  const asked = eachProvider((provider) => guarded(provider, deps, states$));
  return { byProvider: eachProvider((provider) => resilient(provider, asked, deps)), states$ };
}

const fallbackOf = (provider: SttProvider, { fallback }: SpeechToTextOptions) =>
  fallback === 'off' || fallback === provider ? undefined : fallback;

/** A provider that is asked no more often than is good for it. */
function guarded(
  provider: SttProvider,
  deps: Required<SpeechToTextOptions>,
  states$: BehaviorSubject<ProviderStates>,
): SpeechToText {
  const { adapters, logger, metrics, now, random, scheduler } = deps;
  const { stt, batch } = adapters[provider];
  const onChange = (circuit: Circuit) => {
    const before = states$.value[provider];
    if (before === circuit.status) return;
    states$.next({ ...states$.value, [provider]: circuit.status });
    metrics.circuit(provider, circuit.status);
    if (circuit.status === 'closed') logger.info('speech provider is back', { provider });
    if (circuit.status === 'open' && before === 'closed') {
      logger.warn('speech provider is left alone', { provider, error: circuit.error });
    }
  };
  const longestCoolDown = fallbackOf(provider, deps) ? LONGEST_COOL_DOWN : LONGEST_COOL_DOWN_ALONE;
  const breaker = circuitBreaker(counted(stt, metrics), { longestCoolDown, onChange, now, random });
  const limited = rateLimit(breaker, { now, scheduler });
  return batch ? whenEnded(limited) : limited;
}

/** Counts each request that fails. */
function counted(stt: SpeechToText, metrics: Pick<TranscriptionMetrics, 'failed'>): SpeechToText {
  const { provider, model } = stt;
  return {
    provider,
    model,
    transcribe(utterance, language) {
      const failed = (error: unknown) => metrics.failed(provider, asSttError(error, provider).kind);
      return stt.transcribe(utterance, language).pipe(tap({ error: failed }));
    },
  } satisfies SpeechToText;
}

/** A provider with all that stands behind it. */
function resilient(
  provider: SttProvider,
  asked: Readonly<Record<SttProvider, SpeechToText>>,
  deps: Required<SpeechToTextOptions>,
): SpeechToText {
  const fallback = fallbackOf(provider, deps);
  const brief = (stt: SpeechToText) => retrying(stt, BRIEF, deps);
  const all =
    fallback === undefined
      ? asked[provider]
      : withFallback(brief(asked[provider]), brief(asked[fallback]), () =>
          deps.metrics.failedOver(provider),
        );
  return retrying(all, PERSISTENT, deps);
}
