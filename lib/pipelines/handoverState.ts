import type { RemoteParticipant, Room } from '@livekit/rtc-node';
import {
  combineLatest,
  distinctUntilChanged,
  filter,
  map,
  type Observable,
  shareReplay,
  take,
} from 'rxjs';
import { BOT_ATTRIBUTES } from '../../operators/botAttributes.js';
import {
  type HandoverDuty,
  handoverDuty,
  relieves,
  type HandoverBot,
} from '../../operators/handoverDuty.js';
import { readJsonObject } from '../../operators/readJsonObject.js';
import { fromOwnAttributes } from '../../streams/fromOwnAttributes.js';
import { fromRoomBots } from '../../streams/fromRoomBots.js';
import type { YieldedSpeech } from './serviceEvent.js';

/** What a bot has to know of those that it relieves, or that relieve it. Each replays its newest. */
export interface HandoverState {
  readonly duty$: Observable<HandoverDuty>;
  /** The bot that this one relieves, while that one is in the room. */
  readonly predecessor$: Observable<HandoverBot | undefined>;
  /** Emits once: the speech that is left to the predecessor; nothing where there is none. */
  readonly adopted$: Observable<YieldedSpeech>;
}

const NOTHING: YieldedSpeech = {};

/** What a bot says that it still transcribes; nothing where that cannot be read. */
const readYielded = (json: string): YieldedSpeech =>
  (readJsonObject(json) ?? NOTHING) as YieldedSpeech;

function adopted(predecessor: HandoverBot | undefined): YieldedSpeech | undefined {
  if (predecessor === undefined) return NOTHING;
  const yielded = predecessor.attributes[BOT_ATTRIBUTES.yielded];
  return yielded === undefined ? undefined : readYielded(yielded);
}

/** Follows a handover by the attributes of all bots in the room. */
export function handoverState(
  room: Room,
  participants$: Observable<readonly RemoteParticipant[]>,
  agentName: string,
): HandoverState {
  const newest = <T>() => shareReplay<T>({ bufferSize: 1, refCount: true });
  const identity = room.localParticipant?.identity ?? '';
  const state$ = combineLatest([
    fromOwnAttributes(room).pipe(map((attributes) => ({ identity, attributes }))),
    fromRoomBots(room, participants$, agentName),
  ]).pipe(newest());
  const predecessor$ = state$.pipe(map(([self, bots]) => bots.find((bot) => relieves(self, bot))));
  return {
    duty$: state$.pipe(
      map(([self, bots]) => handoverDuty(self, bots)),
      distinctUntilChanged(),
      newest(),
    ),
    predecessor$: predecessor$.pipe(distinctUntilChanged(isSame), newest()),
    adopted$: predecessor$.pipe(
      map(adopted),
      filter((speech) => speech !== undefined),
      take(1),
      newest(),
    ),
  };
}

const isSame = (a: HandoverBot | undefined, b: HandoverBot | undefined): boolean =>
  a?.identity === b?.identity && a?.attributes === b?.attributes;
