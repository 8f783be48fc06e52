import type { EpochMilliseconds, Milliseconds } from './types.js';

/** From the departure of a held target to the end of its hold: contract, "Hold isolation". */
const LONGEST_ABSENCE: Milliseconds = 60_000;
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
  readonly absentSince: EpochMilliseconds | undefined;
  /** Whether a released target has rejoined since: then this is the last time. */
  readonly rejoined: boolean;
}

/** Every hold that is not forgotten yet, by identity. */
export type HoldLedger = ReadonlyMap<string, Hold>;

/**
 * What becomes of the holds of a room. A hold belongs to an identity, outlives reconnects and up
 * to 60 s of absence, and ends when its target leaves on purpose. What was taken is given back
 * for 10 s, and for 10 s more when the target rejoins.
 *
 * @param now of the event.
 */
export function nextHolds(
  ledger: HoldLedger,
  event: HoldEvent,
  now: EpochMilliseconds,
): HoldLedger {
  const kept = new Map([...ledger].filter(([, hold]) => !isForgotten(hold, now)));
  if (event.type === 'wanted') return wanted(kept, event, now);
  if (event.type === 'present') {
    return new Map(
      [...kept].map(([identity, hold]) => [identity, seen(hold, event.sids.get(identity), now)]),
    );
  }
  if (kept.get(event.identity)?.held === true) kept.delete(event.identity);
  return kept;
}

/** The holds that are to be seen to now. */
export function activeHolds(ledger: HoldLedger, now: EpochMilliseconds): Holds {
  const known = [...ledger].filter(([, hold]) => !isForgotten(hold, now));
  const which = (satisfy: (hold: Hold) => boolean) =>
    new Set(known.filter(([, hold]) => satisfy(hold)).map(([identity]) => identity));
  return {
    held: which(({ held }) => held),
    absent: which(({ held, absentSince }) => held && absentSince !== undefined),
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
  const hold = { held, since: now, sid, absentSince: undefined, rejoined: false };
  return new Map([...ledger, [identity, hold]]);
}

function seen(hold: Hold, sid: string | undefined, now: EpochMilliseconds): Hold {
  if (sid === undefined) return { ...hold, absentSince: hold.absentSince ?? now };
  const back = { ...hold, sid, absentSince: undefined };
  return sid === hold.sid || hold.held ? back : { ...back, since: now, rejoined: true };
}

/** A released target is remembered until it has rejoined: the server may remember it, too. */
function isForgotten(
  { held, since, absentSince, rejoined }: Hold,
  now: EpochMilliseconds,
): boolean {
  if (held) return absentSince !== undefined && now - absentSince >= LONGEST_ABSENCE;
  return rejoined && now - since >= REASSERTED;
}
