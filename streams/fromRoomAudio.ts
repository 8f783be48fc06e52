import {
  ConnectionState,
  ParticipantKind,
  type RemoteParticipant,
  type Room,
  RoomEvent,
  TrackKind,
} from '@livekit/rtc-node';
import { delay, filter, fromEvent, map, merge, type Observable } from 'rxjs';
import { isMediaBot } from '../operators/isMediaBot.js';
import type { RoomAudio } from '../operators/isolationPlan.js';
import type { Milliseconds } from '../operators/types.js';

/** The SDK's word that the bot itself reconnects follows the departures that this causes; by little. */
const SETTLE: Milliseconds = 250;

const traits = ({ identity, kind, attributes }: RemoteParticipant) => ({
  identity,
  isAgent: kind === ParticipantKind.AGENT,
  attributes,
});

/**
 * Who else is in the room and which audio tracks they publish: at each emission of `people$`, and
 * whenever a track is published or unpublished. The bot's own tracks are not among them.
 *
 *     people$  a----b-------------
 *     room     --+-----+---x------      +: published, x: unpublished
 *     result   A-B--C--D-----E----      the whole state each time, a quarter of a second late for x
 *
 * Nothing is emitted while the bot's own connection is being rebuilt.
 *
 * @param agentName by which media bots are told from other agents.
 */
export function fromRoomAudio(
  room: Room,
  people$: Observable<readonly RemoteParticipant[]>,
  agentName: string,
): Observable<RoomAudio> {
  return merge(
    people$,
    fromEvent(room, RoomEvent.TrackPublished),
    fromEvent(room, RoomEvent.TrackUnpublished).pipe(delay(SETTLE)),
  ).pipe(
    filter(() => room.connectionState === ConnectionState.CONN_CONNECTED),
    map(() => [...room.remoteParticipants.values()]),
    map((participants) => ({
      people: participants.map((participant) => ({
        identity: participant.identity,
        sid: participant.sid ?? '',
        isBot: isMediaBot(traits(participant), agentName),
      })),
      tracks: participants.flatMap(({ identity, trackPublications }) =>
        [...trackPublications.values()]
          .filter(({ kind }) => kind === TrackKind.KIND_AUDIO)
          .map(({ sid = '' }) => ({ sid, owner: identity })),
      ),
    })),
  );
}
