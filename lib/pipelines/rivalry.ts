import { distinctUntilChanged, type Observable, startWith, tap } from 'rxjs';
import { type BotStanding, botStanding } from '../../operators/botStanding.js';
import { fromRoomBots } from '../../streams/fromRoomBots.js';
import type { TargetDeps } from './target.js';

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
  const me = () => {
    const { identity = '', sid = '', attributes = {} } = room.localParticipant ?? {};
    return { identity, sid, attributes };
  };
  return fromRoomBots(room, participants$, settings.agentName).pipe(
    botStanding(me),
    tap((standing) => {
      if (standing === 'undecided') logger.info('another bot is in the room, nothing is done yet');
    }),
    startWith('undecided' as const),
    distinctUntilChanged(),
  );
}
