import {
  asyncScheduler,
  catchError,
  defer,
  forkJoin,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  type OperatorFunction,
  type SchedulerLike,
  startWith,
  tap,
  withLatestFrom,
} from 'rxjs';
import { concatMapBounded } from './concatMapBounded.js';
import type {
  EpochMilliseconds,
  LanguageTag,
  Milliseconds,
  SpeechToText,
  Transcript,
  Utterance,
} from './types.js';

/** Who transcribes what one person says, and what becomes of what cannot be transcribed. */
export interface SttByLanguageOptions {
  /** Who serves a language, as `routeLanguage` finds it in a table. */
  readonly route: (language: LanguageTag | undefined) => SpeechToText;
  /** The language in force, the present one first; none until it emits. */
  readonly language: Observable<LanguageTag | undefined>;
  /** Told, at its end, of an utterance that a provider failed at, and how long it was: it is lost. */
  readonly onFailure: (
    error: unknown,
    stt: SpeechToText,
    utterance: Utterance,
    spoken: Milliseconds,
  ) => void;
  /** Told how long the utterance was so far that was dropped because too much was waiting. */
  readonly onLost: (utterance: Utterance, spoken: Milliseconds) => void;
  /** How many utterances are transcribed at once: 3 (default): one listens while two finish. */
  readonly concurrency?: number;
  /** How much speech may wait for the others to finish: 30 s (default). */
  readonly capacity?: Milliseconds;
}

/** An utterance with all that will decide about it. */
interface Queued<U> {
  readonly utterance: U;
  readonly language: LanguageTag | undefined;
  endMs: EpochMilliseconds | undefined;
}

/** The text of an utterance, with whatever else the utterance carried, such as its speaker. */
export type TranscriptOf<U extends Utterance> = Transcript & Omit<U, 'audio' | 'end'>;

/**
 * Turns what one person says into text, each utterance with the provider of the language that was
 * in force when it was emitted, in spoken order.
 *
 *     language  en--------------ar----------
 *     source    --a--------b------c---------    utterances
 *     a         ..--------a|                    en
 *     b                    ..-----------b|      en
 *     c                           ..--c|        ar; done earlier, and heard later
 *     result    ----------A-------------(BC)
 *
 * A provider starts to listen while the utterance is being said. Its text is let out after the
 * utterance's end; where nothing was understood, nothing is. A provider that fails costs that
 * utterance alone. When more speech waits than `capacity`, the oldest that waits is dropped; what
 * is being transcribed is not. Unsubscribing aborts every request. Errors: those of the source and
 * of `language`, and what a callback throws.
 *
 * @param scheduler the clock that tells how much of an utterance has been said that goes on.
 */
export function sttByLanguage<U extends Utterance>(
  { route, language, onFailure, onLost, concurrency = 3, capacity = 30_000 }: SttByLanguageOptions,
  scheduler: SchedulerLike = asyncScheduler,
): OperatorFunction<U, TranscriptOf<U>> {
  const transcribe = ({ utterance, language }: Queued<U>): Observable<TranscriptOf<U>> => {
    const { audio, end, ...known } = utterance;
    const stt = route(language);
    return forkJoin([defer(() => stt.transcribe(utterance, language)), end]).pipe(
      map(([recognition, { endMs }]) => ({ ...known, ...recognition, endMs })),
      catchError((error: unknown) =>
        end.pipe(
          tap(({ endMs }) => onFailure(error, stt, utterance, endMs - utterance.startMs)),
          ignoreElements(),
        ),
      ),
    );
  };
  const spoken = ({ utterance, endMs = scheduler.now() }: Queued<U>) => endMs - utterance.startMs;
  return (source) =>
    source.pipe(
      withLatestFrom(language.pipe(startWith(undefined))),
      mergeMap(([utterance, language]) => noteEnd({ utterance, language, endMs: undefined })),
      concatMapBounded(transcribe, {
        capacity,
        weigh: spoken,
        overflow: 'dropOldest',
        onDropped: (queued) => onLost(queued.utterance, spoken(queued)),
        concurrency,
      }),
    );
}

/** Emits what it is given, and writes the end of the utterance into it when that has come. */
function noteEnd<U extends Utterance>(queued: Queued<U>): Observable<Queued<U>> {
  const end = queued.utterance.end.pipe(
    tap(({ endMs }) => (queued.endMs = endMs)),
    ignoreElements(),
  );
  return merge(end, of(queued));
}
