import { DisconnectReason, Room, RoomEvent } from 'livekit-client';
import { Observable } from 'rxjs';

import { askToJoin } from './fromServer.js';

/** How it stands with the call, seen from this page. */
export type Line =
  | { readonly state: 'out' | 'joining' }
  | { readonly state: 'in' | 'reconnecting'; readonly room: Room }
  | { readonly state: 'over'; readonly words: string };

/** Whether one can join, for one has not or the call is over. */
export const isOut = ({ state }: Line) => state === 'out' || state === 'over';

const CLOSED = 'The room has been closed: the call is over. You can join a new one.';
const ENDS: Partial<Record<DisconnectReason, string>> = {
  [DisconnectReason.ROOM_DELETED]: CLOSED,
  [DisconnectReason.ROOM_CLOSED]: CLOSED,
  [DisconnectReason.DUPLICATE_IDENTITY]: 'You have joined in another tab, and left here.',
  [DisconnectReason.PARTICIPANT_REMOVED]: 'You have been removed from the call.',
  [DisconnectReason.SERVER_SHUTDOWN]: 'The LiveKit server has been stopped.',
};

/** Joins the call on subscribing, hangs up on unsubscribing; completes when the call is over. */
export function fromCall(as: string): Observable<Line> {
  return new Observable<Line>((subscriber) => {
    const room = new Room();
    const end = (words: string) => {
      subscriber.next({ state: 'over', words });
      subscriber.complete();
    };
    const reconnects = () => subscriber.next({ state: 'reconnecting', room });
    room.on(RoomEvent.SignalReconnecting, reconnects).on(RoomEvent.Reconnecting, reconnects);
    room.on(RoomEvent.Reconnected, () => subscriber.next({ state: 'in', room }));
    subscriber.next({ state: 'joining' });
    connect(room, as, () => subscriber.closed)
      .then(() => {
        const lost = 'The connection to the LiveKit server is lost.';
        room.on(RoomEvent.Disconnected, (reason) => end(ENDS[reason ?? 0] ?? lost));
        subscriber.next({ state: 'in', room });
      })
      .catch((cause: unknown) => {
        end(cause instanceof Error ? cause.message : String(cause));
      });
    return () => void room.disconnect();
  });
}

async function connect(room: Room, as: string, isGivenUp: () => boolean): Promise<void> {
  const { url, token } = await askToJoin(as);
  if (isGivenUp()) return;
  await room.connect(url, token).catch((cause: unknown) => {
    throw new Error(`LiveKit does not let you in: ${String(cause)}`, { cause });
  });
}
