import { dispose, Room, RoomEvent } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { fromEvent, lastValueFrom, merge, type Observable } from 'rxjs';
import { fromSignals } from '../../streams/fromSignals.js';

/**
 * Joins a room as an agent, who does not keep it alive when everybody else has left, and leaves
 * when the work there has completed. Address, key and secret are those of the environment:
 * LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET.
 *
 * @param work is to complete soon after `end$` emits: SIGTERM, Ctrl-C, or the end of the room.
 */
export async function workInRoom(
  roomName: string,
  identity: string,
  work: (room: Room, end$: Observable<unknown>) => Observable<unknown>,
): Promise<void> {
  const token = new AccessToken(undefined, undefined, { identity });
  token.kind = 'agent';
  token.addGrant({ roomJoin: true, room: roomName });
  const room = new Room();
  const end$ = merge(fromSignals('SIGTERM', 'SIGINT'), fromEvent(room, RoomEvent.Disconnected));
  try {
    const options = { autoSubscribe: false, dynacast: false };
    await room.connect(process.env.LIVEKIT_URL ?? '', await token.toJwt(), options);
    await lastValueFrom(work(room, end$), { defaultValue: undefined });
  } finally {
    await room.disconnect();
    await dispose();
  }
}
