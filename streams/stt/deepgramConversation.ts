import {
  concat,
  connect,
  distinctUntilChanged,
  EMPTY,
  endWith,
  filter,
  ignoreElements,
  interval,
  map,
  merge,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  type OperatorFunction,
  scan,
  startWith,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { Milliseconds, PcmFrame } from '../../operators/types.js';
import { fallenSilent } from './deepgramError.js';
import { type DeepgramTurn, hear, type Hearing, NOTHING_HEARD } from './deepgramHearing.js';
import type { DeepgramEvent, DeepgramRequest, DeepgramSocket } from './deepgramSocket.js';

/** How long each side of a conversation waits for the other. */
export interface DeepgramPatience {
  /** For the answer to `Finalize`, before Deepgram is told to close. */
  readonly finalize: Milliseconds;
  /** For anything more, and at last for it to close; then the text so far has to do. */
  readonly close: Milliseconds;
  /** For anything at all while the voice goes on; longer than `stall`. */
  readonly silence: Milliseconds;
  /** Deepgram's with a voice that stalls; it closes after 10 s without a word (its `NET-0001`). */
  readonly stall: Milliseconds;
}

/** Fills the pauses of a voice that stalls. */
const keepAlive = (after: Milliseconds): MonoTypeOperatorFunction<DeepgramRequest> =>
  connect((media$) => {
    const over$ = media$.pipe(ignoreElements(), endWith(true));
    const pauses$ = media$.pipe(
      startWith(undefined),
      switchMap(() => interval(after)),
      map((): DeepgramRequest => ({ type: 'KeepAlive' })),
      takeUntil(over$),
    );
    return merge(pauses$, media$);
  });

/** All that there is to say: the voice, that it is over and, where that is not answered, goodbye. */
function requests(
  audio$: Observable<PcmFrame>,
  { finalize, stall }: DeepgramPatience,
): Observable<DeepgramRequest> {
  return concat(
    audio$.pipe(
      map(({ samples }): DeepgramRequest => ({ type: 'Media', samples })),
      keepAlive(stall),
    ),
    of<DeepgramRequest>({ type: 'Finalize' }),
    timer(finalize).pipe(map((): DeepgramRequest => ({ type: 'CloseStream' }))),
  );
}

/** Emits when nothing has been heard for so long: what was said at once takes long to understand. */
function overdue(
  event$: Observable<DeepgramEvent>,
  after: Milliseconds,
): Observable<{ readonly type: 'Overdue' }> {
  return event$.pipe(
    startWith(undefined),
    switchMap(() => timer(after)),
    map(() => ({ type: 'Overdue' })),
  );
}

/** Errors when a voice goes on for so long, and nothing is heard. */
const failOnSilence = (within: Milliseconds): MonoTypeOperatorFunction<DeepgramTurn> =>
  connect((turn$) => {
    const silence$ = turn$.pipe(
      map(({ type }) => type === 'Media'),
      distinctUntilChanged(),
      switchMap((isVoice) => (isVoice ? timer(within) : EMPTY)),
      switchMap(() => throwError(() => fallenSilent())),
    );
    return merge(silence$, turn$);
  });

/** Says goodbye, if that has not been said, and lets Deepgram close. */
const leave = (socket: DeepgramSocket, { isClosing }: Hearing): void => {
  if (!isClosing) socket.say({ type: 'CloseStream' });
  socket.leave();
};

/**
 * Holds the conversation about one utterance on a connection, from its opening on.
 *
 *     source  --O---r--r-----r-----r(M)     O: open, r: results, M: metadata
 *     audio   f-f-f-f-f|
 *     said    --m-m-m-mF          C         m: media, F: Finalize, C: CloseStream
 *     result  ----------------------(h|)    C is not said where an r answers F in time
 *
 * Emits once what was understood, nothing included. Errors with an SttError where Deepgram says
 * nothing at all, or hangs up before. The connection is left to Deepgram to close.
 */
export function converse(
  audio$: Observable<PcmFrame>,
  patience: DeepgramPatience,
): OperatorFunction<DeepgramEvent, Hearing> {
  return connect((event$) =>
    event$.pipe(
      filter((event) => event.type === 'Open'),
      switchMap(({ socket }) => {
        const said$ = requests(audio$, patience).pipe(tap((request) => socket.say(request)));
        return merge(event$, concat(said$, overdue(event$, patience.close))).pipe(
          failOnSilence(patience.silence),
          scan(hear, NOTHING_HEARD),
          filter(({ isOver }) => isOver),
          take(1),
          tap((hearing) => leave(socket, hearing)),
        );
      }),
      take(1),
    ),
  );
}
