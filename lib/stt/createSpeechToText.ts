import { BehaviorSubject, type Observable, type SchedulerLike } from 'rxjs';
import type { Milliseconds, SpeechToText, SttProvider } from '../../operators/types.js';
import type { Logger } from '../logger.js';
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

/** With somebody else at hand: what failed twice is his. */
const BRIEF: Patience = { attempts: 2, waits: false };
/** With nobody else: through an outage of ten minutes, though not for ever. */
const PERSISTENT: Patience = { attempts: 100, waits: true };

/** Each try costs one utterance the time until it fails, which somebody else could have used. */
const LONGEST_WITH_FALLBACK: Milliseconds = 60_000;
/** Each second of waiting may cost every speaker one of speech, 30 s into an outage. */
const LONGEST_ALONE: Milliseconds = 10_000;

/**
 * The speech providers of a process, whatever happens to them. An utterance of which one call's
 * speaker learns nothing may yet be the reason why another's goes to the fallback at once.
 *
 *     adapter -> circuitBreaker -> rateLimit -> whenEnded    asked once
 *             -> retrying, twice -> withFallback             asked, or somebody else
 *             -> retrying, for minutes                       asked until there is a text
 *
 * Breakers and limits are shared by all: a provider that is one's primary and another's fallback is
 * the same provider. The breaker is next to the adapter, so that nothing that has waited for its
 * turn goes out while the circuit is open. An outage and its end are logged once each.
 */
export function createSpeechToText(options: SpeechToTextOptions): HostSpeechToText {
  const { adapters, fallback, logger, scheduler } = options;
  const { now = () => performance.now(), random = Math.random } = options;
  const waiting = { random, ...(scheduler && { scheduler }) };
  const states$ = new BehaviorSubject<ProviderStates>({
    deepgram: 'closed',
    elevenlabs: 'closed',
    groq: 'closed',
  });
  const hasFallback = (provider: SttProvider) => fallback !== 'off' && fallback !== provider;

  const onChange = (provider: SttProvider) => (circuit: Circuit) => {
    const before = states$.value[provider];
    if (before === circuit.status) return;
    states$.next({ ...states$.value, [provider]: circuit.status });
    if (circuit.status === 'closed') logger.info('speech provider is back', { provider });
    if (circuit.status === 'open' && before === 'closed') {
      logger.warn('speech provider is left alone', { provider, error: circuit.error });
    }
  };
  const guarded = (provider: SttProvider): SpeechToText => {
    const { stt, batch } = adapters[provider];
    const longestCoolDown = hasFallback(provider) ? LONGEST_WITH_FALLBACK : LONGEST_ALONE;
    const breaker = { longestCoolDown, onChange: onChange(provider), now, random };
    const limited = rateLimit(circuitBreaker(stt, breaker), { now, ...waiting });
    return batch ? whenEnded(limited) : limited;
  };
  const asked = {
    deepgram: guarded('deepgram'),
    elevenlabs: guarded('elevenlabs'),
    groq: guarded('groq'),
  };
  const brief = (provider: SttProvider) => retrying(asked[provider], BRIEF, waiting);
  const resilient = (provider: SttProvider): SpeechToText => {
    const isAlone = fallback === 'off' || fallback === provider;
    const all = isAlone ? asked[provider] : withFallback(brief(provider), brief(fallback));
    return retrying(all, PERSISTENT, waiting);
  };
  return {
    byProvider: {
      deepgram: resilient('deepgram'),
      elevenlabs: resilient('elevenlabs'),
      groq: resilient('groq'),
    },
    states$,
  };
}
