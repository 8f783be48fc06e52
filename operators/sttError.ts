import type { Milliseconds } from './types.js';

/**
 * What a failure of a speech provider calls for. `fatal`: the same request will fail again (key,
 * account, format). `retry`: it may succeed later. `throttle`: not before `retryAfter`.
 */
export type SttErrorKind = 'fatal' | 'retry' | 'throttle';

/** A failure of a speech provider. The message names neither key nor text. */
export class SttError extends Error {
  override readonly name = 'SttError';

  constructor(
    readonly kind: SttErrorKind,
    message: string,
    options?: ErrorOptions & {
      /** How long the provider wants to be left alone; unknown where it did not say. */
      readonly retryAfter?: Milliseconds | undefined;
    },
  ) {
    super(message, options);
    this.retryAfter = options?.retryAfter;
  }

  readonly retryAfter: Milliseconds | undefined;
}
