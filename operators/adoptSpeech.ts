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

/** The last utterance of a voice that another bot sees to. */
export interface YieldedUtterance {
  readonly startMs: EpochMilliseconds;
  /** Where it ended; where it is `open`, the moment at which this was told. */
  readonly endMs: EpochMilliseconds;
  /** Whether it went on then. */
  readonly open: boolean;
}

interface Decided<U> {
  readonly utterance: U;
  readonly isOwn: boolean;
}

/**
 * Whose an utterance is that follows the one that was decided last. One that goes on in the other
 * bot's ears may be over in these, and the next one have begun: the two do not hear it, and do not
 * get round to it, at the same moment.
 */
function decide<U extends Utterance>(
  { startMs }: U,
  before: Decided<U> | undefined,
  yielded: YieldedUtterance | undefined,
): Observable<boolean> {
  const isLater = yielded === undefined || startMs >= yielded.endMs;
  if (before === undefined || before.isOwn) return of(isLater || before?.isOwn === true);
  return before.utterance.end.pipe(
    map(({ endMs, by }) => {
      const wasTheLast = yielded?.open === true && endMs > yielded.startMs;
      return by !== 'cut' && (isLater || wasTheLast);
    }),
  );
}

/**
 * Takes one voice over from another bot: lets no utterance through before it is known which of
 * them that bot sees to, and then none of those. Nothing of the others is lost, for an utterance
 * is heard from its start by whoever comes later.
 *
 *     source    --a----b-------c--
 *     yielded   ----------a-------     the other bot sees to a, and to nothing later
 *     result    ----------b----c--
 *
 * What goes on after a cut in the other bot's utterance is that one's, too.
 *
 * @param yielded$ emits once, and replays it: the last one that is the other bot's, or none.
 */
export function adoptSpeech<U extends Utterance>(
  yielded$: Observable<YieldedUtterance | undefined>,
): MonoTypeOperatorFunction<U> {
  return (source) =>
    defer(() => {
      let before: Decided<U> | undefined;
      return source.pipe(
        delayWhen(() => yielded$.pipe(take(1))),
        withLatestFrom(yielded$),
        concatMap(([utterance, yielded]) =>
          decide(utterance, before, yielded).pipe(map((isOwn) => ({ utterance, isOwn }))),
        ),
        tap((decided) => (before = decided)),
        filter(({ isOwn }) => isOwn),
        map(({ utterance }) => utterance),
      );
    });
}
