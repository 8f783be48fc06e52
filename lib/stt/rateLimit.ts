import {
  asyncScheduler,
  defer,
  finalize,
  type SchedulerLike,
  switchMap,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { SttError } from '../../operators/sttError.js';
import type { Milliseconds, SpeechToText } from '../../operators/types.js';
import { createRequestRate } from './requestRate.js';

/** What a rate limit works with. */
export interface RateLimitOptions {
  /** On any clock that runs steadily. */
  readonly now: () => Milliseconds;
  /** Waits. */
  readonly scheduler?: SchedulerLike;
}

/** Whoever would have to wait longer is refused: that bounds the line. */
const LONGEST_WAIT: Milliseconds = 30_000;

/**
 * Makes requests wait their turn, once the provider has said that there are too many: in the order
 * of subscription, those of all calls together.
 *
 *     utterances  aaa-------a-a-a-a------
 *     requests    aaa-------a--a--a--a---     the second refused, with `retryAfter`
 *
 * Learns from errors of kind `throttle` with a `retryAfter` alone: those without may be about too
 * many connections at once, which a pace does not cure.
 * Errors: the provider's, and `throttle` at once where the line is too long.
 */
export function rateLimit(
  stt: SpeechToText,
  { now, scheduler = asyncScheduler }: RateLimitOptions,
): SpeechToText {
  const rate = createRequestRate();
  const learn = (sentAt: Milliseconds) => (error: unknown) => {
    const isRate = error instanceof SttError && error.kind === 'throttle';
    if (isRate && error.retryAfter !== undefined) rate.throttled(sentAt, now());
  };

  return {
    provider: stt.provider,
    model: stt.model,
    transcribe(utterance, language) {
      const request$ = defer(() =>
        stt
          .transcribe(utterance, language)
          .pipe(tap({ next: () => rate.served(now()), error: learn(now()) })),
      );
      return defer(() => {
        const takenAt = now();
        const wait = rate.take(takenAt);
        if (wait === 0) return request$;
        if (wait > LONGEST_WAIT) {
          rate.giveBack(takenAt);
          return throwError(() => tooMany(stt, wait));
        }
        let isWaiting = true;
        return timer(wait, scheduler).pipe(
          tap(() => (isWaiting = false)),
          switchMap(() => request$),
          finalize(() => isWaiting && rate.giveBack(takenAt)),
        );
      });
    },
  } satisfies SpeechToText;
}

const tooMany = ({ provider }: SpeechToText, retryAfter: Milliseconds) =>
  new SttError('throttle', `too many requests wait for ${provider}`, { retryAfter });
