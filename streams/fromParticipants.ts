import { ConnectionState, type RemoteParticipant, type Room, RoomEvent } from '@livekit/rtc-node';
import {
  defer,
  delayWhen,
  filter,
  fromEvent,
  map,
  merge,
  type Observable,
  of,
  startWith,
  timer,
} from 'rxjs';
import type { Milliseconds } from '../operators/types.js';

/** The SDK's word that the bot itself reconnects follows the departures that this causes; by little. */
const SETTLE: Milliseconds = 250;

/**
 * Everybody else in the room: the state at once, then again at each arrival and departure.
 *
 *     room     -----joins-----leave,leave--reconnecting--join,join--reconnected---
 *     result   [a]--[a,b]-------------------------------------------[a,b]---------
 *
 * While the bot's own connection is being rebuilt, the SDK reports everybody as gone, without a
 * reason; nothing is emitted until it is back, so nobody's stream ends because of the bot's trouble.
 */
export function fromParticipants(room: Room): Observable<readonly RemoteParticipant[]> {
  const left$ = fromEvent(
    room,
    RoomEvent.ParticipantDisconnected,
    ({ disconnectReason }: RemoteParticipant) => disconnectReason,
  ).pipe(delayWhen((reason) => (reason === undefined ? timer(SETTLE) : of(undefined))));
  return defer(() =>
    merge(
      fromEvent(room, RoomEvent.ParticipantConnected),
      fromEvent(room, RoomEvent.Reconnected),
      left$,
    ).pipe(
      startWith(undefined),
      filter(() => room.connectionState === ConnectionState.CONN_CONNECTED),
      map(() => [...room.remoteParticipants.values()]),
    ),
  );
}
