import { defer, ignoreElements, type OperatorFunction, tap } from 'rxjs';
import type { HoldLedger } from '../operators/holdLedger.js';
import type { EpochMilliseconds } from '../operators/types.js';
import type { SubscriptionOutcome } from '../streams/toSubscriptions.js';
import type { IsolationMetrics } from './metricsIsolation.js';

/** What holds are counted by: who is on hold, and what came of each request for it. */
export type HoldProgress =
  { readonly type: 'ledger'; readonly ledger: HoldLedger } | SubscriptionOutcome;

/** How far a hold has come. */
interface Hold {
  readonly since: EpochMilliseconds;
  /** The target's present stay. */
  readonly sid: string;
  /** Tracks that the present stay does not hear; undefined until an isolation was accepted. */
  readonly hidden: readonly string[] | undefined;
  /** Whether `canSubscribe` was taken; it is not given back before the hold ends. */
  readonly silenced: boolean;
}

type Holds = ReadonlyMap<string, Hold>;

function follow(holds: Holds, ledger: HoldLedger): Holds {
  const held = [...ledger].filter(([, hold]) => hold.held);
  return new Map(
    held.map(([identity, { since, sid }]) => {
      const known = holds.get(identity);
      if (known?.since !== since) {
        return [identity, { since, sid, hidden: undefined, silenced: false }];
      }
      // A new stay begins with every subscription.
      return [identity, known.sid === sid ? known : { ...known, sid, hidden: known.hidden && [] }];
    }),
  );
}

function next(hold: Hold, { type, change }: SubscriptionOutcome): Hold {
  if (type === 'silenced') return { ...hold, silenced: true };
  return type === 'accepted' ? { ...hold, hidden: change.hide } : hold;
}

function tell(
  { since, hidden, silenced }: Hold,
  { type, change }: SubscriptionOutcome,
  now: EpochMilliseconds,
  metrics: IsolationMetrics,
): void {
  if (type === 'silenced' && !silenced) metrics.silenced();
  if (type !== 'accepted') return;
  if (hidden === undefined) metrics.isolated(now - since);
  else if (change.hide.some((sid) => !hidden.includes(sid))) metrics.repaired();
}

/**
 * Counts what becomes of holds; each once, however often the server is asked. Emits nothing.
 *
 *     source   -h-a-a-a-p-a-a-f-a--     h: hold, a: accepted, p: a new track or stay, f: failed
 *     counted     i       r   f         i: isolated, r: repaired, f: failure of the API
 *
 * A target that resumes its connection tells nobody: what is asked on the timer is no repair.
 */
export function countHolds(
  metrics: IsolationMetrics,
  now: () => EpochMilliseconds = Date.now,
): OperatorFunction<HoldProgress, never> {
  return (progress$) =>
    defer(() => {
      let holds: Holds = new Map();
      function outcome(made: SubscriptionOutcome): void {
        if (made.type === 'failed') metrics.apiFailed();
        const { listener, held } = made.change;
        const hold = holds.get(listener);
        if (!held || hold === undefined) return;
        tell(hold, made, now(), metrics);
        holds = new Map(holds).set(listener, next(hold, made));
      }
      return progress$.pipe(
        tap((input) => {
          if (input.type === 'ledger') holds = follow(holds, input.ledger);
          else outcome(input);
        }),
        ignoreElements(),
      );
    });
}
