import { RoomEvent } from '@livekit/rtc-node';
import {
  concat,
  concatMap,
  defer,
  delay,
  filter,
  fromEvent,
  map,
  merge,
  type Observable,
  of,
  pairwise,
  switchMap,
  take,
  tap,
} from 'rxjs';
import { BOT_ATTRIBUTES } from '../../operators/botAttributes.js';
import { parseCommand } from '../../operators/parseCommand.js';
import type { Milliseconds } from '../../operators/types.js';
import type { ServiceEvent } from './serviceEvent.js';
import { attributesOf, humans, type TargetDeps } from './target.js';
import { toOwnAttributes } from './toOwnAttributes.js';

/** By then the fade of what was playing has been heard. */
const FADED: Milliseconds = 300;

/** Those to whom something is played once, and its id: it is finished by who has begun it. */
function singleShots(deps: TargetDeps): ReadonlyMap<string, string> {
  const commands = humans([...deps.room.remoteParticipants.values()]).map(
    (identity) => [identity, parseCommand(attributesOf(deps, identity))] as const,
  );
  return new Map(
    commands.flatMap(([identity, command]) =>
      command.verb === 'play' && !command.loop ? [[identity, command.id]] : [],
    ),
  );
}

function isPlaying(identity: string, id: string, deps: TargetDeps): boolean {
  const attributes = attributesOf(deps, identity);
  const command = parseCommand(attributes);
  if (command.verb !== 'play' || command.id !== id) return false;
  const isAnswered = attributes['media.status_command_id'] === id;
  return !isAnswered || attributes['media.status'] === 'playing';
}

/** Emits once nothing is played any more that was to be played once when this was subscribed to. */
function played(deps: TargetDeps): Observable<unknown> {
  return defer(() => {
    const shots = [...singleShots(deps)];
    return merge(
      deps.participants$,
      fromEvent(deps.room, RoomEvent.ParticipantAttributesChanged),
    ).pipe(
      filter(() => !shots.some(([identity, id]) => isPlaying(identity, id, deps))),
      take(1),
    );
  });
}

/**
 * Lets another bot relieve this one: says what this one still transcribes, and emits `relieved` as
 * soon as that and everything that plays once is finished.
 *
 *     successor  -------ready-----------
 *     this one   ~~~~~~~~y-----f--------      y: all else has stopped, f: finished
 *     result     -----------------R-----
 *
 * A successor that goes before that leaves everything to this one again.
 *
 * @see contract, "Handover".
 */
export function yielding(
  events$: Observable<ServiceEvent>,
  deps: TargetDeps,
): Observable<'relieved'> {
  const { duty$ } = deps.handover;
  const resumed$ = duty$.pipe(
    pairwise(),
    filter(([before, now]) => before === 'yielding' && now !== 'yielding'),
  );
  const write$ = (value: string) =>
    of({ [BOT_ATTRIBUTES.yielded]: value }).pipe(toOwnAttributes(deps, 'handover not told'));
  return merge(
    events$.pipe(filter((event) => event.type === 'yielded' || event.type === 'finished')),
    resumed$.pipe(map(() => ({ type: 'resumed' }) as const)),
  ).pipe(
    tap(({ type }) => deps.logger.info(`handover ${type}`)),
    concatMap((event) =>
      event.type === 'yielded'
        ? write$(JSON.stringify(event.last))
        : concat(event.type === 'resumed' ? write$('') : [], of(event.type)),
    ),
    switchMap((type) =>
      type === 'resumed'
        ? []
        : played(deps).pipe(
            delay(FADED),
            map(() => 'relieved' as const),
          ),
    ),
  );
}
