import { SttError } from '../../operators/sttError.js';
import type { Milliseconds, SttProvider } from '../../operators/types.js';

/**
 * How a provider is thought to be, by what became of the requests so far.
 *
 *     closed --failures in a row--> open --cool-down, then one request--> probing
 *       ^                             ^                                    |   |
 *       |                             +------------- failed, left ---------+   |
 *       +------------------------------- served -------------------------------+
 *
 * `openings` counts from 1 since the circuit was closed; `error` is what opened it last.
 */
export type Circuit =
  | { readonly status: 'closed'; readonly failures: number }
  | {
      readonly status: 'open';
      readonly openings: number;
      readonly error: SttError;
      /** When one request may try again, on the clock of the events. */
      readonly until: Milliseconds;
    }
  | { readonly status: 'probing'; readonly openings: number; readonly error: SttError };

/** What became of a request. `probed`: it is the one that tries again. `left`: it was given up. */
export type CircuitEvent =
  | { readonly type: 'probed' | 'served' | 'left' }
  | { readonly type: 'failed'; readonly error: SttError };

/** Under which circumstances something became of a request. */
export interface CircuitContext {
  /** On any clock that runs steadily. */
  readonly now: Milliseconds;
  /** 0 to 1: hosts that failed together shall not try again together. */
  readonly random: number;
  /** Bounds the growing cool-down after passing failures. */
  readonly longestCoolDown: Milliseconds;
}

/** The circuit of a provider of which nothing bad is known. */
export const CLOSED: Circuit = { status: 'closed', failures: 0 };

/** Passing failures in a row that open the circuit: one may be chance, and two the same cause. */
const FAILURES_TO_OPEN = 3;
const FIRST_COOL_DOWN: Milliseconds = 2_000;
/**
 * After a fatal failure. The first cool-down is short, for it may have been the fault of that very
 * utterance; a second failure of the next one settles that it is the key or the account.
 */
const FATAL_COOL_DOWNS: readonly Milliseconds[] = [5_000, 40_000, 300_000];
/** A provider that asks for more is asked again all the same: its quota may have been raised. */
const LONGEST_RETRY_AFTER: Milliseconds = 600_000;
/** While one request tries again, nobody knows for how long. */
const PROBING_TIME: Milliseconds = 1_000;

function coolDown(error: SttError, openings: number, context: CircuitContext): Milliseconds {
  const growing =
    error.kind === 'fatal'
      ? FATAL_COOL_DOWNS[Math.min(openings, FATAL_COOL_DOWNS.length) - 1]
      : Math.min(FIRST_COOL_DOWN * 2 ** (openings - 1), context.longestCoolDown);
  const jittered = (growing ?? 0) * (0.5 + 0.5 * context.random);
  return Math.max(jittered, Math.min(error.retryAfter ?? 0, LONGEST_RETRY_AFTER));
}

const open = (error: SttError, openings: number, context: CircuitContext): Circuit => ({
  status: 'open',
  openings,
  error,
  until: context.now + coolDown(error, openings, context),
});

function afterFailure(failures: number, error: SttError, context: CircuitContext): Circuit {
  const opensAtOnce = error.kind === 'fatal' || error.retryAfter !== undefined;
  return opensAtOnce || failures >= FAILURES_TO_OPEN
    ? open(error, 1, context)
    : { status: 'closed', failures };
}

/**
 * The circuit after an event; the same object where nothing changes. An open circuit learns nothing
 * from requests that were made before it opened.
 */
export function nextCircuit(
  circuit: Circuit,
  event: CircuitEvent,
  context: CircuitContext,
): Circuit {
  switch (circuit.status) {
    case 'closed':
      if (event.type === 'failed') return afterFailure(circuit.failures + 1, event.error, context);
      return event.type === 'served' && circuit.failures > 0 ? CLOSED : circuit;
    case 'open':
      return event.type === 'probed' ? { ...circuit, status: 'probing' } : circuit;
    case 'probing':
      if (event.type === 'served') return CLOSED;
      if (event.type === 'failed') return open(event.error, circuit.openings + 1, context);
      return event.type === 'left' ? { ...circuit, status: 'open', until: context.now } : circuit;
  }
}

/**
 * Why no request may be made now; `undefined` where one may. An error of kind `retry` that says
 * when to ask again, or `fatal` once it is certain that waiting does not help.
 */
export function refusal(
  circuit: Circuit,
  provider: SttProvider,
  now: Milliseconds,
): SttError | undefined {
  if (circuit.status === 'closed') return undefined;
  const retryAfter = circuit.status === 'open' ? circuit.until - now : PROBING_TIME;
  if (retryAfter <= 0) return undefined;
  const { error: cause, openings } = circuit;
  const isCertain = cause.kind === 'fatal' && openings > 1;
  const message = `${provider} is left alone after failures`;
  return isCertain
    ? new SttError('fatal', message, { cause })
    : new SttError('retry', message, { cause, retryAfter });
}
