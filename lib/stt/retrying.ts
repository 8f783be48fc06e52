import { asyncScheduler, defer, retry, type SchedulerLike, take, timer } from 'rxjs';
import { fullJitter } from '../../operators/fullJitter.js';
import type { SttError } from '../../operators/sttError.js';
import type { Milliseconds, SpeechToText } from '../../operators/types.js';
import { asSttError } from './asSttError.js';

/** How long an utterance is tried. */
export interface Patience {
  /** Failures after which it is given up. Being told to come back later is none. */
  readonly attempts: number;
  /** Whether it comes back later when told to (`retryAfter`), or gives up at once. */
  readonly waits: boolean;
}

/** What trying again works with. */
export interface RetryOptions {
  /** 0 to 1. */
  readonly random: () => number;
  /** Waits. */
  readonly scheduler?: SchedulerLike;
}

const FIRST_BACKOFF: Milliseconds = 250;
const LONGEST_BACKOFF: Milliseconds = 10_000;

/**
 * Tries an utterance again, whole, after failures that may pass.
 *
 *     attempts  --x---x------x-----------t
 *     result    -------------------------(t|)
 *
 * Waits for a random time up to 250 ms, then up to twice as long each time, up to 10 s ("full
 * jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). One who was
 * told to come back later does so then, or after 10 s if that is sooner.
 *
 * Emits at most one text. Errors: the provider's last; a `fatal` one at once.
 */
export function retrying(
  stt: SpeechToText,
  { attempts, waits }: Patience,
  { random, scheduler = asyncScheduler }: RetryOptions,
): SpeechToText {
  /** How long to wait before the next attempt; `undefined`: there is none. */
  const pause = (error: SttError, failures: number): Milliseconds | undefined => {
    if (error.kind === 'fatal') return undefined;
    if (error.retryAfter !== undefined) {
      const comeBack = Math.min(error.retryAfter, LONGEST_BACKOFF) + random() * FIRST_BACKOFF;
      return waits ? comeBack : undefined;
    }
    if (failures >= attempts) return undefined;
    return fullJitter(failures - 1, { first: FIRST_BACKOFF, longest: LONGEST_BACKOFF }, random());
  };

  return {
    provider: stt.provider,
    model: stt.model,
    transcribe(utterance, language) {
      return defer(() => {
        let failures = 0;
        return stt.transcribe(utterance, language).pipe(
          // After a text, an error must not have the same utterance published twice.
          take(1),
          retry({
            delay: (cause: unknown) => {
              const error = asSttError(cause, stt.provider);
              if (error.retryAfter === undefined) failures += 1;
              const wait = pause(error, failures);
              if (wait === undefined) throw error;
              return timer(wait, scheduler);
            },
          }),
        );
      });
    },
  } satisfies SpeechToText;
}
