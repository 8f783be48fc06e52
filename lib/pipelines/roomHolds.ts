import {
  defer,
  distinctUntilChanged,
  map,
  merge,
  type Observable,
  of,
  scan,
  switchMap,
  timer,
} from 'rxjs';
import { type HoldEvent, type HoldLedger, nextHolds } from '../../operators/holdLedger.js';
import { holdWanted } from '../../operators/holdWanted.js';
import type { RoomAudio } from '../../operators/isolationPlan.js';
import { mergeMapPresent } from '../../operators/mergeMapPresent.js';
import type { Attributes, Milliseconds } from '../../operators/types.js';
import { fromAttributes } from '../../streams/fromAttributes.js';
import { fromDepartures } from '../../streams/fromDepartures.js';
import { fromRoomAudio } from '../../streams/fromRoomAudio.js';
import { attributesOf, humans, type TargetDeps, traits } from './target.js';

/** The hold music's fade: nobody shall be heard through it. */
const FADE: Milliseconds = 20;
/** The holds of a room, and the audio that they are about. */
export interface RoomHolds {
  readonly audio: RoomAudio;
  readonly ledger: HoldLedger;
}

type RoomEvent =
  Exclude<HoldEvent, { type: 'present' }> | { readonly type: 'audio'; readonly audio: RoomAudio };

const NOBODY: RoomHolds = { audio: { people: [], tracks: [] }, ledger: new Map() };

function nextRoomHolds({ audio, ledger }: RoomHolds, event: RoomEvent): RoomHolds {
  if (event.type !== 'audio') return { audio, ledger: nextHolds(ledger, event, Date.now()) };
  const sids = new Map(event.audio.people.map(({ identity, sid }) => [identity, sid]));
  return { audio: event.audio, ledger: nextHolds(ledger, { type: 'present', sids }, Date.now()) };
}

/** Whether one human is to be held: at once where they are, after the music's fade where not. */
function wanted(identity: string, deps: TargetDeps): Observable<RoomEvent> {
  const person = () => deps.room.remoteParticipants.get(identity);
  const holds = (attributes: Attributes, before: boolean) => {
    const participant = person();
    return participant ? holdWanted(attributes, traits(participant, deps), before) : before;
  };
  return defer(() => {
    const wasHeld = attributesOf(deps, identity)['media.held'] === 'true';
    return fromAttributes(deps.room, identity).pipe(
      scan((before, attributes) => holds(attributes, before), wasHeld),
      distinctUntilChanged(),
      switchMap((held) => (held ? of(held) : timer(FADE).pipe(map(() => held)))),
      map(
        (held) => ({ type: 'wanted', identity, sid: person()?.sid ?? '', held, wasHeld }) as const,
      ),
    );
  });
}

/**
 * The holds of a room as its people's attributes ask for them: the state at each change of a hold,
 * of who is there, and of what is published.
 *
 *     attributes  ---hold------stop----     of one target
 *     tracks      ------+--------------     +: somebody publishes
 *     result      H--H--H---------H----     the last one 20 ms late: the music fades first
 */
export function roomHolds(deps: TargetDeps): Observable<RoomHolds> {
  const { room, participants$, settings } = deps;
  return merge(
    fromRoomAudio(room, participants$, settings.agentName).pipe(
      map((audio) => ({ type: 'audio', audio }) as const),
    ),
    fromDepartures(room).pipe(map((identity) => ({ type: 'departed', identity }) as const)),
    participants$.pipe(
      map(humans),
      mergeMapPresent((identity) => wanted(identity, deps)),
    ),
  ).pipe(scan(nextRoomHolds, NOBODY));
}
