import { queueScheduler, repeat, scheduled, takeUntil, throwIfEmpty } from 'rxjs';
import type { MonoTypeOperatorFunction, ObservableInput } from 'rxjs';
import { MediaError } from './mediaError.js';

/**
 * Plays the source again from its start each time it completes, until the notifier emits.
 *
 *     source  a-b-|
 *     stop    ----------s
 *     result  a-b-a-b-a-|
 *
 * The notifier completes the result at once, in mid-clip too. An error of the source passes and
 * is not looped. A clip that is empty is an error: it would be repeated for ever in silence.
 *
 * Errors: MediaError `asset_undecodable` for an empty clip.
 */
export function loopUntil<T>(stop: ObservableInput<unknown>): MonoTypeOperatorFunction<T> {
  return (source) =>
    source.pipe(
      throwIfEmpty(() => new MediaError('asset_undecodable', 'the clip holds no audio')),
      // The queue turns the recursion of a synchronous clip into a loop, without any delay.
      repeat({ delay: () => scheduled([undefined], queueScheduler) }),
      takeUntil(stop),
    );
}
