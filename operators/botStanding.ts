import {
  concat,
  defer,
  distinctUntilChanged,
  filter,
  map,
  type Observable,
  of,
  type OperatorFunction,
  switchMap,
  timer,
} from 'rxjs';
import { botRivals, outlives, type RoomBot } from './botRivals.js';
import type { Milliseconds } from './types.js';

/**
 * What a bot is among the bots of its room: `first` may act, `outranked` has to leave, `undecided`
 * does nothing yet.
 */
export type BotStanding = 'undecided' | 'first' | 'outranked';

/** Whoever was there before may be about to leave: a bot whose job is over does within that time. */
const PATIENCE: Milliseconds = 500;
/**
 * Two that each find the other there (one of them has joined again meanwhile) must not both leave:
 * one asks itself when the other has decided, and acts on it, which takes up to half a second.
 */
const LATER: Milliseconds = 1_500;
/** Longer than the server keeps a bot that is dead (22 s): nobody leaves because of that one. */
const STALEMATE: Milliseconds = 30_000;

interface Rivals {
  /** Those that were there when this bot joined, and ever since. */
  readonly older: readonly RoomBot[];
  readonly younger: readonly RoomBot[];
  /** Whether one of them has come because this bot was taken for dead. */
  readonly outlived: boolean;
}

/** Whether the rivals that matter are the same as before. */
function isSame(one: Rivals, other: Rivals): boolean {
  const key = ({ older, younger, outlived }: Rivals) =>
    JSON.stringify([
      outlived,
      older.length > 0,
      ...(older.length > 0 ? older : younger).map(({ sid }) => sid),
    ]);
  return key(one) === key(other);
}

const someSmaller = (bots: readonly RoomBot[], { sid }: RoomBot) =>
  bots.some((bot) => bot.sid < sid);

function decide({ older, younger, outlived }: Rivals, me: () => RoomBot): Observable<BotStanding> {
  if (outlived) return of('outranked');
  if (older.length > 0) {
    const patience = someSmaller(older, me()) ? PATIENCE : LATER;
    return concat(of('undecided' as const), timer(patience).pipe(map(() => 'outranked' as const)));
  }
  if (younger.length === 0) return of('first');
  return concat(
    of('first' as const),
    timer(STALEMATE).pipe(
      filter(() => someSmaller(younger, me())),
      map(() => 'outranked' as const),
    ),
  );
}

/**
 * Says whether a bot may act in its room, or is one too many and has to leave. Whoever finds a
 * rival there as it joins leaves, unless that one does so first; whoever sees one come stays.
 *
 *     source  a-------ab--------a-----       a, b: a rival is there, the first list as it joined
 *     result  u---------------o-------       if a stays: undecided, then outranked
 *
 *     source  a-------b---------------
 *     result  u-------f---------------       first, for a has gone, and b has come later
 *
 * LiveKit lets one participant join after the other, and names to each those that are there. So of
 * two bots exactly one finds the other, and they agree without a word. Where they do not after
 * all, the one with the greater SID leaves after half a minute.
 *
 * @param me this bot, as it is when asked.
 */
export function botStanding(me: () => RoomBot): OperatorFunction<readonly RoomBot[], BotStanding> {
  return (source) =>
    defer(() => {
      let before: ReadonlySet<string> | undefined;
      const meet = (others: readonly RoomBot[]): Rivals => {
        const rivals = botRivals(me(), others);
        const isOlder = ({ identity }: RoomBot) => before?.has(identity) ?? true;
        const older = rivals.filter(isOlder);
        before = new Set(older.map(({ identity }) => identity));
        return {
          older,
          younger: rivals.filter((bot) => !older.includes(bot)),
          outlived: others.some((other) => outlives(other, me())),
        };
      };
      return source.pipe(
        map(meet),
        distinctUntilChanged(isSame),
        switchMap((rivals) => decide(rivals, me)),
        distinctUntilChanged(),
      );
    });
}
