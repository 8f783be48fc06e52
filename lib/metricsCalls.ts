import { Counter, type Registry } from 'prom-client';
import type { CallOutcome } from './callTypes.js';

/** Told of calls. */
export interface CallMetrics {
  /** LiveKit has assigned a call, and a host is to carry it. */
  callStarted(): void;
  /** A call is over, by whichever host it was carried last. */
  callEnded(outcome: CallOutcome): void;
}

/** Creates the metrics of calls in a registry. */
export function createCallMetrics(registry: Registry): CallMetrics {
  const started = new Counter({
    name: 'media_bot_calls_started_total',
    help: 'Calls that LiveKit has assigned to this worker',
    registers: [registry],
  });
  const ended = new Counter({
    name: 'media_bot_calls_ended_total',
    help: 'Calls that are over, by outcome: completed, handed_over to another bot, or failed where the room was lost or the call given up',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of ['completed', 'handed_over', 'failed']) ended.inc({ outcome }, 0);
  return {
    callStarted: () => started.inc(),
    callEnded: (outcome) => ended.inc({ outcome }),
  };
}
