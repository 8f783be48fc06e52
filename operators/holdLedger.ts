import type { EpochMilliseconds, Milliseconds } from './types.js';

/** From the loss of a held target to the end of its hold: contract, "Hold isolation". */
const LONGEST_ABSENCE: Milliseconds = 60_000;
/** The same for one who said good-bye: some clients do so before they connect anew. */
const LONGEST_RECONNECT: Milliseconds = 5_000;
/** For how long subscriptions that were given back are asserted: contract, "Hold isolation". */
const REASSERTED: Milliseconds = 10_000;

/** Who is on hold, and whose subscriptions are being given back. Identities. */
export interface Holds {
  readonly held: ReadonlySet<string>;
  /** Held ones who are not in the room just now. */
  readonly absent: ReadonlySet<string>;
  readonly released: ReadonlySet<string>;
}

/** What happens to holds. */
export type HoldEvent =
  /** `wasHeld`: an earlier bot has left this target on hold. */
  | {
      readonly type: 'wanted';
      readonly identity: string;
      readonly sid: string;
      readonly held: boolean;
      readonly wasHeld: boolean;
    }
  /** Everybody in the room, with the SID of their stay. */
  | { readonly type: 'present'; readonly sids: ReadonlyMap<string, string> }
  /** Somebody has left on purpose or was removed. */
  | { readonly type: 'departed'; readonly identity: string };

interface Hold {
  readonly held: boolean;
  /** When it began, or when its subscriptions began to be given back. */
  readonly since: EpochMilliseconds;
  /** The stay in which the target was seen last. */
  readonly sid: string;
  /** When the absence of one who is not there ends the hold. */
  readonly absentUntil: EpochMilliseconds | undefined;
  /** Whether a released target has rejoined since: then this is the last time. */
  readonly rejoined: boolean;
}

/** Every hold that is not forgotten yet, by identity. */
export type HoldLedger = ReadonlyMap<string, Hold>;

/**
 * What becomes of the holds of a room. A hold belongs to an identity, outlives reconnects and up
 * to 60 s of absence, 5 s where the target said good-bye. What was taken is given back for 10 s,
 * and for 10 s more when the target rejoins, whom requests may still reach that were on their way.
 *
 * @param now of the event.
 */
export function nextHolds(
  ledger: HoldLedger,
  event: HoldEvent,
  now: EpochMilliseconds,
): HoldLedger {
  const kept = aged(ledger, now);
  if (event.type === 'wanted') return wanted(kept, event, now);
  if (event.type === 'present') {
    return new Map(
      [...kept].map(([identity, hold]) => [identity, seen(hold, event.sids.get(identity), now)]),
    );
  }
  const hold = kept.get(event.identity);
  if (hold?.held !== true) return kept;
  return new Map([...kept, [event.identity, { ...hold, absentUntil: now + LONGEST_RECONNECT }]]);
}

/** The holds that are to be seen to now. */
export function activeHolds(ledger: HoldLedger, now: EpochMilliseconds): Holds {
  const known = aged(ledger, now);
  const which = (satisfy: (hold: Hold) => boolean) =>
    new Set([...known].filter(([, hold]) => satisfy(hold)).map(([identity]) => identity));
  return {
    held: which(({ held }) => held),
    absent: which(({ held, absentUntil }) => held && absentUntil !== undefined),
    released: which(({ held, since }) => !held && now - since < REASSERTED),
  };
}

function wanted(
  ledger: HoldLedger,
  { identity, sid, held, wasHeld }: Extract<HoldEvent, { type: 'wanted' }>,
  now: EpochMilliseconds,
): HoldLedger {
  const before = ledger.get(identity);
  const isHeld = before?.held ?? (wasHeld && !held);
  if (isHeld === held) return ledger;
  const hold = { held, since: now, sid, absentUntil: undefined, rejoined: false };
  return new Map([...ledger, [identity, hold]]);
}

function seen(hold: Hold, sid: string | undefined, now: EpochMilliseconds): Hold {
  if (sid === undefined) return { ...hold, absentUntil: hold.absentUntil ?? now + LONGEST_ABSENCE };
  const back = { ...hold, sid, absentUntil: undefined };
  return sid === hold.sid || hold.held ? back : { ...back, since: now, rejoined: true };
}

/** The ledger as time alone has changed it. A released target is remembered until it has rejoined. */
function aged(ledger: HoldLedger, now: EpochMilliseconds): HoldLedger {
  const isForgotten = ({ held, rejoined, since }: Hold) =>
    !held && rejoined && now - since >= REASSERTED;
  const ended = (hold: Hold): Hold =>
    hold.held && hold.absentUntil !== undefined && now >= hold.absentUntil
      ? { ...hold, held: false, since: hold.absentUntil }
      : hold;
  return new Map(
    [...ledger]
      .filter(([, hold]) => !isForgotten(hold))
      .map(([identity, hold]) => [identity, ended(hold)]),
  );
}
