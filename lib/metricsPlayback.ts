import { Counter, type Registry } from 'prom-client';
import type { MediaErrorCode } from '../operators/mediaError.js';
import type { Answer, Milliseconds } from '../operators/types.js';

/** Told what becomes of commands. */
export interface PlaybackMetrics {
  /** A command has got an answer. */
  answered(answer: Pick<Answer, 'status' | 'error'>): void;
  /** A target heard so much silence in mid-clip, for the next frame came too late. */
  ranDry(silence: Milliseconds): void;
}

/** What playback answers; all other codes are written by others. */
const ANSWERS: Readonly<Record<Answer['status'], readonly (MediaErrorCode | '')[]>> = {
  playing: [''],
  stopped: [''],
  ended: ['', 'room_kept'],
  failed: [
    'invalid_command',
    'forbidden',
    'asset_refused',
    'asset_unreachable',
    'asset_too_large',
    'asset_undecodable',
  ],
};

/** Creates the metrics of playback in a registry. */
export function createPlaybackMetrics(registry: Registry): PlaybackMetrics {
  const answers = new Counter({
    name: 'media_bot_answers_total',
    help: 'Answers to commands by media.status and the code of media.error, empty without one',
    labelNames: ['status', 'error'],
    registers: [registry],
  });
  // A series that begins at its first event has no rate until the second.
  for (const [status, errors] of Object.entries(ANSWERS)) {
    for (const error of errors) answers.inc({ status, error }, 0);
  }
  const underruns = new Counter({
    name: 'media_bot_playback_underruns_total',
    help: 'How often a target heard silence in mid-clip because the next frame came too late',
    registers: [registry],
  });
  const silence = new Counter({
    name: 'media_bot_playback_underrun_seconds_total',
    help: 'Silence that targets heard in mid-clip because the next frame came too late',
    registers: [registry],
  });
  return {
    ranDry: (gap) => {
      underruns.inc();
      silence.inc(gap / 1000);
    },
    answered: ({ status, error }) => answers.inc({ status, error: error?.code ?? '' }),
  };
}
