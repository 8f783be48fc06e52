import {
  asyncScheduler,
  defer,
  EMPTY,
  exhaustMap,
  repeat,
  tap,
  timer,
  type MonoTypeOperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import type { Milliseconds, PcmFrame } from './types.js';

/** How far the output may run ahead of the ear. */
export interface Pace {
  /** What the output holds unheard at this moment. May fall to 0 at any time. */
  readonly queued: () => Milliseconds;
  /** Nothing is let out while the output holds this much or more. */
  readonly lead: Milliseconds;
}

/**
 * Lets frames out as fast as the output plays them, however fast they arrive.
 *
 *     source  (abcde|)              4 ms each, lead 5 ms
 *     result  (ab)c---d---(e|)      at most 8 ms are queued
 *
 * The first frame passes synchronously while the output holds less than `lead`. Frames that wait
 * are kept in order and without bound: meant for finite clips. Completes with its last frame; an
 * error passes at once and discards what waits.
 *
 * @param scheduler waits until the output holds less than `lead`: one timer per shortage.
 */
export function paceTo(
  { queued, lead }: Pace,
  scheduler: SchedulerLike = asyncScheduler,
): MonoTypeOperatorFunction<PcmFrame> {
  return (source) =>
    defer(() => {
      const waiting: PcmFrame[] = [];
      let next = 0;
      function* letOut(): Generator<PcmFrame> {
        for (let frame; (frame = waiting[next]) && queued() < lead;) {
          next++;
          yield frame;
        }
        if (next === waiting.length) waiting.length = next = 0;
      }
      // 1 ms more: with exactly `lead` queued, a timer of 0 would spin until a sample is heard.
      const shortage = () => timer(queued() - lead + 1, scheduler);
      const drain = defer(letOut).pipe(
        repeat({ delay: () => (waiting.length > 0 ? shortage() : EMPTY) }),
      );
      // While a drain waits, exhaustMap drops the impulse only; the frame itself is in the queue.
      return source.pipe(
        tap((frame) => waiting.push(frame)),
        exhaustMap(() => drain),
      );
    });
}
