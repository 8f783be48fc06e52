import {
  concatMap,
  defer,
  delayWhen,
  filter,
  map,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  take,
  tap,
  withLatestFrom,
} from 'rxjs';
import type { EpochMilliseconds, Utterance } from './types.js';

/**
 * Takes one voice over from another bot: lets no utterance through before it is known which of
 * them that bot finishes, and then none of those. Nothing of the others is lost, for an utterance
 * is heard from its start by whoever comes later.
 *
 *     source   --a----b-------c--
 *     until    ----------u-------     u: what began before b is the other bot's
 *     result   ----------b----c--
 *
 * What goes on after a cut in the other bot's utterance is that one's, too.
 *
 * @param until$ emits, and replays, the moment before which what has begun is the other bot's.
 */
export function adoptSpeech<U extends Utterance>(
  until$: Observable<EpochMilliseconds>,
): MonoTypeOperatorFunction<U> {
  return (source) =>
    defer(() => {
      let before: { readonly utterance: U; readonly isOwn: boolean } | undefined;
      return source.pipe(
        delayWhen(() => until$.pipe(take(1))),
        withLatestFrom(until$),
        concatMap(([utterance, until]) => {
          const previous = before;
          if (previous === undefined || previous.isOwn)
            return of({ utterance, isOwn: utterance.startMs >= until });
          return previous.utterance.end.pipe(
            map(({ by }) => ({ utterance, isOwn: by !== 'cut' && utterance.startMs >= until })),
          );
        }),
        tap((decided) => (before = decided)),
        filter(({ isOwn }) => isOwn),
        map(({ utterance }) => utterance),
      );
    });
}
