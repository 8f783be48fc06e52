import type { RoomServiceClient } from 'livekit-server-sdk';
import {
  catchError,
  concatMap,
  connect,
  defer,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  filter,
  forkJoin,
  groupBy,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  type OperatorFunction,
  pipe,
  repeat,
  startWith,
  switchMap,
  takeWhile,
  tap,
  timer,
} from 'rxjs';
import type { SubscriptionChange } from '../operators/isolationPlan.js';
import type { Milliseconds } from '../operators/types.js';

/**
 * An isolation that has not been accepted for so long takes all subscriptions from its target:
 * contract, "Hold isolation".
 */
const PATIENCE: Milliseconds = 5_000;
const FIRST_DELAY: Milliseconds = 100;
/** A hold is to stand within a second of the API's return: two attempts fit in. */
const LONGEST_DELAY: Milliseconds = 500;

/** Where subscriptions are changed, and what is known of those who are in the room. */
export interface SubscriptionTarget {
  readonly api: Pick<
    RoomServiceClient,
    'updateSubscriptions' | 'getParticipant' | 'updateParticipant'
  >;
  readonly room: string;
  /** Whether somebody is in the room: the server API answers for the absent as if it were down. */
  isPresent(listener: string): boolean;
  /** Whether an earlier bot has taken all subscriptions from this listener. */
  wasSilenced(listener: string): boolean;
}

/**
 * What came of a change. `absent`: the listener is not in the room. `silenced`: all subscriptions
 * were taken, for want of a better way.
 */
export type SubscriptionOutcome =
  | { readonly type: 'accepted' | 'absent' | 'silenced'; readonly change: SubscriptionChange }
  | { readonly type: 'failed'; readonly change: SubscriptionChange; readonly error: unknown };

type Asked = SubscriptionOutcome | { readonly type: 'asked'; readonly change: SubscriptionChange };

/**
 * Makes the subscriptions of listeners what they shall be. Each change names all of its
 * listener's tracks that matter, and so takes the place of the one before.
 *
 *     source  --a---b--------      a, b: changes
 *     result  ---A----x-x-B--      A: accepted, x: failed and tried again with jittered backoff
 *
 * An attempt that is not answered does not hold back the next one. When a held listener's changes
 * have not been accepted for 5 s, `canSubscribe` is taken from them, all other permissions kept,
 * and given back with the first change that no longer holds them: silence rather than a leak.
 *
 * Accepted is not done: the server acts later, and not at all on a subscription that does not exist
 * yet. So repeat each change.
 */
export function toSubscriptions(
  target: SubscriptionTarget,
): OperatorFunction<readonly SubscriptionChange[], SubscriptionOutcome> {
  return pipe(
    mergeMap((changes) => changes),
    groupBy(({ listener }) => listener),
    mergeMap((changes$) => changes$.pipe(toListener(changes$.key, target))),
  );
}

function toListener(
  listener: string,
  target: SubscriptionTarget,
): OperatorFunction<SubscriptionChange, SubscriptionOutcome> {
  return (changes$) =>
    defer(() => {
      let silenced = target.wasSilenced(listener);
      function apply(change: SubscriptionChange): Observable<unknown> {
        if (!silenced || change.held) return subscribe(change, target);
        return setCanSubscribe(listener, true, target).pipe(
          tap(() => (silenced = false)),
          mergeMap(() => subscribe(change, target)),
        );
      }
      const silence: OperatorFunction<SubscriptionChange, Asked> = switchMap((change) =>
        // Noted before it is done: what is asked for may happen, even where no answer comes.
        defer(() => {
          silenced = true;
          return setCanSubscribe(listener, false, target);
        }).pipe(
          map(() => ({ type: 'silenced', change }) as const),
          // The API is down altogether: nothing to do but to try again.
          catchError(() => EMPTY),
        ),
      );
      return changes$.pipe(
        connect((same$) =>
          same$.pipe(
            distinctUntilChanged(isSame),
            switchMap((change) =>
              same$.pipe(
                startWith(change),
                exhaustMap(() =>
                  persistently(
                    change,
                    defer(() => apply(change)),
                    target,
                  ),
                ),
              ),
            ),
          ),
        ),
        whenUnaccepted(silence),
        filter((outcome) => outcome.type !== 'asked'),
      );
    });
}

/** Whether a change asks for what another one asks for already: that one goes on. */
const isSame = (a: SubscriptionChange, b: SubscriptionChange): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** Asks until the server accepts, or the listener is gone. */
function persistently(
  change: SubscriptionChange,
  applied$: Observable<unknown>,
  target: SubscriptionTarget,
): Observable<Asked> {
  return defer(() => {
    let attempts = 0;
    const longest = () => Math.min(FIRST_DELAY * 2 ** attempts++, LONGEST_DELAY);
    return of(change).pipe(
      repeat({ delay: () => timer((0.5 + Math.random() / 2) * longest()) }),
      mergeMap(() =>
        applied$.pipe(
          map(() => ({ type: 'accepted', change }) as const),
          failing(change, target),
        ),
      ),
      takeWhile(({ type }) => type === 'failed', true),
      startWith({ type: 'asked', change } as const),
    );
  });
}

function failing(
  change: SubscriptionChange,
  target: SubscriptionTarget,
): OperatorFunction<SubscriptionOutcome, SubscriptionOutcome> {
  return catchError((error: unknown) =>
    of(
      target.isPresent(change.listener)
        ? ({ type: 'failed', change, error } as const)
        : ({ type: 'absent', change } as const),
    ),
  );
}

const isUnaccepted = ({ type, change }: Asked): boolean =>
  change.held && type !== 'accepted' && type !== 'absent';

/** Merges in what is done about a held listener at every 5 s for which nothing was accepted. */
function whenUnaccepted(
  remedy: OperatorFunction<SubscriptionChange, Asked>,
): OperatorFunction<Asked, Asked> {
  return connect((outcomes$) =>
    merge(
      outcomes$,
      outcomes$.pipe(
        distinctUntilChanged((before, now) => isUnaccepted(before) === isUnaccepted(now)),
        switchMap((outcome) =>
          isUnaccepted(outcome)
            ? timer(PATIENCE, PATIENCE).pipe(
                map(() => outcome.change),
                remedy,
              )
            : EMPTY,
        ),
      ),
    ),
  );
}

function subscribe(
  { listener, hide, show }: SubscriptionChange,
  { api, room }: SubscriptionTarget,
): Observable<unknown> {
  function set(sids: readonly string[], subscribed: boolean): Observable<unknown> {
    if (sids.length === 0) return of(undefined);
    return defer(() => api.updateSubscriptions(room, listener, [...sids], subscribed));
  }
  return forkJoin([set(hide, false), set(show, true)]);
}

/** The message replaces the whole set of permissions, so the others are sent as they are. */
function setCanSubscribe(
  listener: string,
  canSubscribe: boolean,
  { api, room }: SubscriptionTarget,
): Observable<unknown> {
  return defer(() => api.getParticipant(room, listener)).pipe(
    map(({ permission }) => {
      if (permission === undefined) throw new Error('the server does not tell the permissions');
      return Object.assign(permission, { canSubscribe });
    }),
    concatMap((permission) => api.updateParticipant(room, listener, { permission })),
  );
}
