import { filter, groupBy, map, mergeMap, type OperatorFunction, scan, take } from 'rxjs';

import { carriesTone } from '../toneRecognizer.js';
import type { HeardWindow } from './heardWindows.js';

/** A tone counts from 60 ms on: single windows of music can look like any tone. */
const IN_A_ROW = 3;

/**
 * Emits the first window of the first run of windows, of one track, that carry a tone.
 *
 *     source  --x-T-T-T-T--
 *     result  --------(t|)     t is the first T: its arrival is when the tone was heard
 *
 * @param share of the energy that must be the tone's own, 0 to 1; half when missing.
 */
export function firstTone(hz: number, share?: number): OperatorFunction<HeardWindow, HeardWindow> {
  return (source) =>
    source.pipe(
      groupBy((window) => window.trackSid),
      mergeMap((track) =>
        track.pipe(
          scan<HeardWindow, HeardWindow[]>(
            (run, window) => (carriesTone(window.samples, hz, share) ? [...run, window] : []),
            [],
          ),
          filter((run) => run.length === IN_A_ROW),
          map((run) => run[0]!),
        ),
      ),
      take(1),
    );
}
