import { setTimeout as sleep } from 'node:timers/promises';
import { MultiMutex } from '@livekit/mutex';
import type { FfiEvent } from '@livekit/rtc-ffi-bindings';
import { Room, type RtcConfiguration } from '@livekit/rtc-node';
import { defer, mergeMap, Observable, take, using } from 'rxjs';
import type { Milliseconds } from '../operators/types.js';

/** What is done in a room while the bot is in it. */
export type RoomProject<T> = (room: Room) => Observable<T>;

/** How to join a room. */
export interface JoinOptions {
  /** Signal address, `ws://` or `wss://`. */
  readonly url: string;
  readonly token: string;
  /** Other than the native library's own. */
  readonly rtcConfig?: RtcConfiguration | undefined;
}

/** What rtc-node calls each message of its native part. */
const FFI_EVENT = 'ffi_event';

/** What listens to them for a room, and is no public part of it. */
interface FfiListener {
  onFfiEvent: (event: FfiEvent) => unknown;
}

/** All that a room ever looks at. */
const OF_ROOMS: readonly FfiEvent['message']['case'][] = ['roomEvent', 'rpcMethodInvocation'];

/**
 * Spares a room the frames of all tracks of the process, each of which it would queue up for, to
 * find that it is none of its business: with many rooms in a process that is most of their work.
 */
function ignoreFrames(room: FfiListener): void {
  const { onFfiEvent } = room;
  room.onFfiEvent = (event) =>
    OF_ROOMS.includes(event.message.case) ? onFfiEvent(event) : undefined;
}

/**
 * Rooms that a process joins at the same time. Each join keeps the threads of the native library
 * busy, so that many at once are all as late as the last one would be: of four, two at a time are
 * heard after 250 ms (median) instead of 350, and the last one is no later (measured on 4 cores).
 */
const AT_ONCE = 2;
/** One that takes longer holds back nobody: it waits for an answer, and not for a processor. */
const LONGEST_TURN: Milliseconds = 500;

const turns = new MultiMutex(AT_ONCE);

/** Emits, once, when it is somebody's turn, with what ends it. */
const turn$ = new Observable<() => void>((subscriber) => {
  void turns.lock().then((endTurn) => {
    if (subscriber.closed) endTurn();
    subscriber.next(endTurn);
  });
});

const connect = (room: Room, { url, token, rtcConfig }: JoinOptions): Promise<void> =>
  room.connect(url, token, {
    autoSubscribe: false,
    dynacast: false,
    ...(rtcConfig && { rtcConfig }),
  });

/**
 * Has rtc-node let go of a room. For one that the server has closed, `disconnect` does nothing, and
 * the SDK goes on listening: it would keep every such room, and wake it at each event of any other.
 */
function forget(room: Room): void {
  const { onFfiEvent } = room as Room & FfiListener;
  globalThis._ffiClientInstance?.off(FFI_EVENT, onFfiEvent);
  room.removeAllListeners();
}

/**
 * Joins a room, gives it to `inRoom`, and leaves when that ends, fails or is unsubscribed, even
 * when the join itself is still under way. Nothing is subscribed to: `inRoom` picks its tracks.
 *
 *     result   ----a--b--|      what `inRoom` emits, once the room is joined
 *
 * Errors: rtc-node's `ConnectError` when the join is refused or LiveKit cannot be reached.
 */
export function withRoom<T>(options: JoinOptions, inRoom: RoomProject<T>): Observable<T> {
  return turn$.pipe(
    take(1),
    mergeMap((endTurn) => {
      const room = new Room();
      // Each participant is listened to by several streams: the number says nothing about leaks.
      room.setMaxListeners(0);
      ignoreFrames(room as Room & FfiListener);
      const joined = connect(room, options);
      const isOver = joined.catch(() => undefined);
      void Promise.race([isOver, sleep(LONGEST_TURN, undefined, { ref: false })]).then(endTurn);
      const leave = () =>
        joined
          .then(() => room.disconnect())
          .catch(() => undefined)
          .finally(() => forget(room));
      return using(
        () => ({ unsubscribe: () => void leave() }),
        () => defer(() => joined).pipe(mergeMap(() => inRoom(room))),
      );
    }),
  );
}
