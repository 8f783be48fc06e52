import { type RemoteParticipant, type Room, RoomEvent } from 'livekit-client';
import { filter, fromEventPattern, map, type Observable } from 'rxjs';

import type { transcriptPacket } from '../../../operators/transcriptPacket.js';

/** An utterance, and how long after its last word it was here. */
export interface Utterance extends ReturnType<typeof transcriptPacket> {
  readonly latencyMs: number;
}

type Received = [Uint8Array, RemoteParticipant | undefined, unknown, string | undefined];

/** What is said, by whomever, from now on. */
export function transcripts(room: Room): Observable<Utterance> {
  return fromEventPattern<Received>(
    (handler) => room.on(RoomEvent.DataReceived, handler),
    (handler) => room.off(RoomEvent.DataReceived, handler),
  ).pipe(
    filter(([, , , topic]) => topic === 'transcript'),
    map(([data]) => JSON.parse(new TextDecoder().decode(data)) as Utterance),
    map((packet) => ({ ...packet, latencyMs: Date.now() - packet.end_ms })),
  );
}
