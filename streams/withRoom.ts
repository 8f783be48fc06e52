import { Room, type RtcConfiguration } from '@livekit/rtc-node';
import { defer, mergeMap, type Observable, using } from 'rxjs';

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
  readonly onFfiEvent: (event: unknown) => void;
}

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
  const { onFfiEvent } = room as unknown as FfiListener;
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
  return defer(() => {
    const room = new Room();
    // Each participant is listened to by several streams: the number says nothing about leaks.
    room.setMaxListeners(0);
    const joined = connect(room, options);
    const leave = () =>
      joined
        .then(() => room.disconnect())
        .catch(() => undefined)
        .finally(() => forget(room));
    return using(
      () => ({ unsubscribe: () => void leave() }),
      () => defer(() => joined).pipe(mergeMap(() => inRoom(room))),
    );
  });
}
