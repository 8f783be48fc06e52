import {
  connect,
  defer,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  race,
  switchMap,
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import type { Milliseconds, Utterance } from './types.js';

/** What goes on after a cut follows it at once; where there is only silence, nothing does. */
const CONTINUED_WITHIN: Milliseconds = 500;

/** Emits when an utterance has been said, with all that goes on in the next ones after a cut. */
function said(utterance: Utterance | undefined, next$: Observable<Utterance>): Observable<unknown> {
  if (utterance === undefined) return of(undefined);
  const rest$ = next$.pipe(
    take(1),
    switchMap((next) => said(next, next$)),
  );
  return utterance.end.pipe(
    switchMap(({ by }) => (by === 'cut' ? race(rest$, timer(CONTINUED_WITHIN)) : of(undefined))),
  );
}

/**
 * Lets the utterances of one voice through until another bot is to hear it instead: then it
 * completes with the end of the one that is going on, and of what goes on after it has been cut.
 *
 *     source   --a------b-----c----
 *     yield    -----------y--------
 *     a.end    -----e
 *     b.end    --------------e
 *     result   --a------b----|
 */
export function untilYielded<U extends Utterance>(
  yield$: Observable<unknown>,
): MonoTypeOperatorFunction<U> {
  return (source) =>
    defer(() => {
      let last: U | undefined;
      return source.pipe(
        tap((utterance) => (last = utterance)),
        connect((utterance$) =>
          utterance$.pipe(
            takeUntil(
              yield$.pipe(
                take(1),
                switchMap(() => said(last, utterance$)),
              ),
            ),
          ),
        ),
      );
    });
}
