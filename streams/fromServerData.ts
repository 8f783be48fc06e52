import { type RemoteParticipant, type Room, RoomEvent } from '@livekit/rtc-node';
import { filter, fromEvent, map, type Observable } from 'rxjs';

type Packet = readonly [
  data: Uint8Array,
  sender: RemoteParticipant | undefined,
  kind: unknown,
  topic: string | undefined,
];

/**
 * What is sent to the bot through the server API (SendData) under a topic.
 *
 *     room     ---api---participant---api---
 *     result   ---d-------------------d-----
 *
 * Whoever is hidden, or not known to the bot yet, cannot be told from the API.
 */
export function fromServerData(room: Room, topic: string): Observable<Uint8Array> {
  return (fromEvent(room, RoomEvent.DataReceived) as Observable<Packet>).pipe(
    filter((packet) => packet[1] === undefined && packet[3] === topic),
    map(([data]) => data),
  );
}
