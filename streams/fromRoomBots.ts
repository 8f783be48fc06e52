import { ParticipantKind, type RemoteParticipant, type Room, RoomEvent } from '@livekit/rtc-node';
import { fromEvent, map, merge, type Observable, withLatestFrom } from 'rxjs';
import type { RoomBot } from '../operators/botRivals.js';
import { isMediaBot } from '../operators/isMediaBot.js';

/**
 * The other media bots in the room, with their attributes: the state at each emission of `people$`,
 * and whenever somebody's attributes change.
 *
 *     people$  a-----a,B---------     B: a bot
 *     room     ------------B(k)--     k: its attributes change
 *     result   []----[B]---[B']--
 *
 * @param agentName by which media bots are told from other agents.
 */
export function fromRoomBots(
  room: Room,
  people$: Observable<readonly RemoteParticipant[]>,
  agentName: string,
): Observable<readonly RoomBot[]> {
  const changed$ = fromEvent(room, RoomEvent.ParticipantAttributesChanged).pipe(
    withLatestFrom(people$),
    map(([, people]) => people),
  );
  return merge(people$, changed$).pipe(
    map((people) =>
      people
        .map(({ identity, sid = '', kind, attributes }) => ({
          identity,
          sid,
          isAgent: kind === ParticipantKind.AGENT,
          attributes,
        }))
        .filter((bot) => isMediaBot(bot, agentName)),
    ),
  );
}
