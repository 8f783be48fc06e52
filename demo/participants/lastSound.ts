import { debounceTime, filter, map, type OperatorFunction, startWith, take } from 'rxjs';

import { levelDbfs } from '../toneRecognizer.js';
import type { HeardWindow } from './heardWindows.js';

/** What is quieter is silence; a fade or Opus' own noise ends below it. */
const AUDIBLE_DBFS = -60;

/**
 * Emits the arrival of the last audible window once nothing audible came for a while after it,
 * whether because the windows are silent or because there are none any more.
 *
 *     source  --T-T-T-s-s-s-s--
 *     result  ------------(t|)      t is the arrival of the last T, or `since` if there was none
 *
 * @param quietMs how long it must be silent to be called silence.
 * @param since what to emit where nothing was audible at all, in epoch milliseconds.
 */
export function lastSound(quietMs: number, since: number): OperatorFunction<HeardWindow, number> {
  return (source) =>
    source.pipe(
      filter(isAudible),
      map((window) => window.at),
      startWith(since),
      debounceTime(quietMs),
      take(1),
    );
}

/** Whether a window holds more than silence and what Opus makes of it. */
export function isAudible({ samples }: HeardWindow): boolean {
  return levelDbfs(samples) > AUDIBLE_DBFS;
}
