import type { WorkerMessage } from '@livekit/protocol';
import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { type Circumstances, refuse } from './admission.js';
import type { WorkerMetrics } from './metricsWorker.js';

/**
 * Counts the answers to jobs that pass. LiveKit is told no reasons: what is not final follows from
 * the circumstances.
 */
export function countAnswers(
  metrics: Pick<WorkerMetrics, 'answered'>,
  circumstances: () => Circumstances,
): MonoTypeOperatorFunction<WorkerMessage> {
  return tap(({ message }) => {
    if (message.case !== 'availability') return;
    const { available, terminate } = message.value;
    if (available) metrics.answered(undefined);
    else metrics.answered(terminate ? 'bot_present' : refuse(circumstances()));
  });
}
