import { type Participant, ParticipantKind } from '@livekit/rtc-node';
import { distinctUntilChanged, map, type Observable, startWith, tap } from 'rxjs';
import type { RoomBot } from '../../operators/botRivals.js';
import { type BotStanding, botStanding } from '../../operators/botStanding.js';
import { isMediaBot } from '../../operators/isMediaBot.js';
import type { TargetDeps } from './target.js';

const asBot = ({ identity, sid = '', attributes }: Pick<Participant, keyof RoomBot>): RoomBot => ({
  identity,
  sid,
  attributes,
});

const NOBODY: RoomBot = { identity: '', sid: '', attributes: {} };

/**
 * Whether this bot may act in its room: `undecided` at first, then at once `first` where no other
 * media bot is there, be it one that it relieves or that relieves it; see `botStanding`.
 *
 *     room     -----------another bot joins--
 *     result   (uf)--------------------------      u: undecided, f: first
 *
 * To be subscribed to as soon as the room is joined: what it is told there decides.
 */
export function rivalry({
  room,
  participants$,
  settings,
  logger,
}: Pick<TargetDeps, 'room' | 'participants$' | 'settings' | 'logger'>): Observable<BotStanding> {
  const me = () => asBot(room.localParticipant ?? NOBODY);
  const isBot = ({ identity, kind, attributes }: Participant) =>
    isMediaBot(
      { identity, isAgent: kind === ParticipantKind.AGENT, attributes },
      settings.agentName,
    );
  return participants$.pipe(
    map((participants) => participants.filter(isBot).map(asBot)),
    botStanding(me),
    tap((standing) => {
      if (standing === 'undecided') logger.info('another bot is in the room, nothing is done yet');
    }),
    startWith('undecided' as const),
    distinctUntilChanged(),
  );
}
