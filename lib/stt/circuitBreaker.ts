import { defer, tap, throwError } from 'rxjs';
import type { Milliseconds, SpeechToText } from '../../operators/types.js';
import { asSttError } from './asSttError.js';
import { type Circuit, type CircuitEvent, CLOSED, nextCircuit, refusal } from './circuit.js';

/** What a circuit breaker works with. */
export interface CircuitBreakerOptions {
  /** Bounds the growing time for which a failing provider is left alone. */
  readonly longestCoolDown: Milliseconds;
  /** Told of each change. */
  readonly onChange: (circuit: Circuit) => void;
  /** On any clock that runs steadily. */
  readonly now: () => Milliseconds;
  /** 0 to 1. */
  readonly random: () => number;
}

/**
 * Leaves a failing provider alone: while its circuit is open no request is made, and after the
 * cool-down a single utterance tries it out.
 *
 *     requests  --x--x--x------------x-------------------s--s--s     x: fails, s: is served
 *     circuit   closed--open---------probing, open-------probing, closed
 *     refused            ^ ^ ^ ^ ^ ^  ^ ^ ^ ^ ^ ^ ^ ^ ^
 *
 * One per provider and process: utterances of all calls are in the same boat.
 * Errors: the provider's, and those of `refusal`, at once.
 */
export function circuitBreaker(stt: SpeechToText, options: CircuitBreakerOptions): SpeechToText {
  const { longestCoolDown, onChange, now, random } = options;
  let circuit = CLOSED;
  const take = (event: CircuitEvent) => {
    const next = nextCircuit(circuit, event, { now: now(), random: random(), longestCoolDown });
    if (next === circuit) return;
    circuit = next;
    onChange(next);
  };
  /** Lets a request in that is not refused: from then on, its outcomes are told to the circuit. */
  const enter = () => {
    const isProbe = circuit.status === 'open';
    if (isProbe) take({ type: 'probed' });
    return (event: CircuitEvent) => {
      // Whoever was let in before the circuit opened has no say in how the probe goes.
      if (isProbe === (circuit.status === 'probing')) take(event);
    };
  };

  return {
    provider: stt.provider,
    model: stt.model,
    transcribe(utterance, language) {
      return defer(() => {
        const refused = refusal(circuit, stt.provider, now());
        if (refused) return throwError(() => refused);
        const tell = enter();
        return defer(() => stt.transcribe(utterance, language)).pipe(
          tap({
            next: () => tell({ type: 'served' }),
            complete: () => tell({ type: 'served' }),
            error: (error: unknown) =>
              tell({ type: 'failed', error: asSttError(error, stt.provider) }),
            unsubscribe: () => tell({ type: 'left' }),
          }),
        );
      });
    },
  } satisfies SpeechToText;
}
