import { Counter, type Registry } from 'prom-client';
import type { Answer } from '../operators/types.js';

/** Told what becomes of commands. */
export interface PlaybackMetrics {
  /** A command has got an answer. */
  answered(answer: Pick<Answer, 'status' | 'error'>): void;
}

const STATUSES = ['playing', 'stopped', 'ended', 'failed'] as const;

/** Creates the metrics of playback in a registry. */
export function createPlaybackMetrics(registry: Registry): PlaybackMetrics {
  const answers = new Counter({
    name: 'media_bot_answers_total',
    help: 'Answers to commands by media.status and the code of media.error, empty without one',
    labelNames: ['status', 'error'],
    registers: [registry],
  });
  // A series that begins at its first event has no rate until the second.
  for (const status of STATUSES) answers.inc({ status, error: '' }, 0);
  return {
    answered: ({ status, error }) => answers.inc({ status, error: error?.code ?? '' }),
  };
}
