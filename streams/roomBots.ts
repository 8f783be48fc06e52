import { ParticipantInfo_Kind } from '@livekit/protocol';
import type { ParticipantInfo, RoomServiceClient } from 'livekit-server-sdk';
import { defer, map, type Observable } from 'rxjs';
import { isMediaBot } from '../operators/isMediaBot.js';

// The server SDK brings protocol types of its own, whose enum TypeScript takes for another.
const AGENT: number = ParticipantInfo_Kind.AGENT;

/** Whether a participant, as the server API lists them, is a media bot: see `isMediaBot`. */
export function isBot(
  { identity, kind, attributes }: Pick<ParticipantInfo, 'identity' | 'kind' | 'attributes'>,
  agentName: string,
): boolean {
  return isMediaBot({ identity, isAgent: (kind as number) === AGENT, attributes }, agentName);
}

/**
 * The media bots that are in a room now, in the order in which they joined: agents of the given
 * agent name, or by the name `media-bot-…` that every one of them joins under. Emits once.
 *
 * @returns errors when the server API cannot be asked.
 */
export function listBots(
  rooms: Pick<RoomServiceClient, 'listParticipants'>,
  room: string,
  agentName: string,
): Observable<readonly ParticipantInfo[]> {
  return defer(() => rooms.listParticipants(room)).pipe(
    map((participants) =>
      participants
        .filter((participant) => isBot(participant, agentName))
        .toSorted((one, other) => Number(one.joinedAtMs - other.joinedAtMs)),
    ),
  );
}

/**
 * Identities of the media bots that are in a room now, see `listBots`. Emits once.
 *
 * @returns errors when the server API cannot be asked.
 */
export function roomBots(
  rooms: Pick<RoomServiceClient, 'listParticipants'>,
  room: string,
  agentName: string,
): Observable<readonly string[]> {
  return listBots(rooms, room, agentName).pipe(map((bots) => bots.map(({ identity }) => identity)));
}
