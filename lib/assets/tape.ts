import {
  type BehaviorSubject,
  concat,
  concatMap,
  defer,
  dematerialize,
  filter,
  finalize,
  from,
  identity,
  materialize,
  merge,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  type ObservableNotification,
  of,
  share,
  takeWhile,
  tap,
  using,
} from 'rxjs';
import type { PcmFrame } from '../../operators/types.js';
import type { ByteBudget } from './byteBudget.js';
import type { Decoding } from './decodeAhead.js';

/** The sound of one asset, for any number of listeners at any time. */
export interface Tape {
  /** All of it from the start, let out by `pace`. Errors where the decoding does, once heard so far. */
  play(pace: MonoTypeOperatorFunction<PcmFrame>): Observable<PcmFrame>;
  /** Whether all of it is in memory. */
  isComplete(): boolean;
}

type Note = ObservableNotification<PcmFrame>;
type Pace = MonoTypeOperatorFunction<PcmFrame>;

/** Each frame waits by itself: a queue inside `pace` might never run empty, and hold what is past. */
function letOut(notes$: Observable<Note>, pace: Pace): Observable<PcmFrame> {
  return notes$.pipe(
    takeWhile(({ kind }) => kind !== 'C'),
    concatMap((note) => of(note).pipe(dematerialize(), pace)),
  );
}

/**
 * Decodes once for all who listen, and keeps what it decoded for those who come later.
 *
 *     decoding  a-b-c|              for both listeners
 *     first     a-b-c|
 *     second      (ab)c|
 *
 * The decoding ends with its last listener, unless it is complete: then it is kept until `memory`
 * needs the room. One that finds no room in `memory` is erased, and so is one that is retired. Those who are
 * listening go on without a gap; whoever comes later gets a decoding of their own, 10 s of memory.
 * (What the last of the former still have in hand is not charged; it melts away as they listen.)
 */
export function createTape(
  decode: () => Decoding,
  memory: ByteBudget,
  retirement$: BehaviorSubject<boolean>,
): Tape {
  let decoding: Decoding;
  let notes: Note[] = [];
  let reserved = 0;
  let isComplete = false;
  let isOutgrown = false;

  const erase = () => {
    memory.release(reserved);
    [notes, reserved, isComplete] = [[], 0, false];
  };
  const record = (note: Note) => {
    if (isOutgrown) return;
    const bytes = note.kind === 'N' ? note.value.samples.byteLength : 0;
    isOutgrown = retirement$.value || !memory.reserve(bytes);
    if (isOutgrown) {
      erase();
    } else {
      reserved += bytes;
      notes.push(note);
      isComplete = note.kind === 'C';
    }
  };
  const live$ = defer(() => {
    decoding = decode();
    const notes$ = decoding.frames$.pipe(materialize(), tap(record));
    return concat(notes$, NEVER).pipe(finalize(erase));
  }).pipe(
    share({
      resetOnRefCountZero: () =>
        isComplete ? merge(memory.evicted$, retirement$.pipe(filter(identity))) : of(undefined),
    }),
  );
  function listen(pace: Pace): Observable<PcmFrame> {
    return using(
      () => live$.subscribe(), // in use until its last frame is let out, not just handed over
      () => decoding.follow(letOut(concat(from([...notes]), live$), pace)),
    );
  }
  function listenAlone(pace: Pace): Observable<PcmFrame> {
    const alone = decode();
    return alone.follow(letOut(alone.frames$.pipe(materialize()), pace));
  }
  return {
    play: (pace: Pace) => defer(() => (isOutgrown ? listenAlone(pace) : listen(pace))),
    isComplete: () => isComplete,
  } satisfies Tape;
}
