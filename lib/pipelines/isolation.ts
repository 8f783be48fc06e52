import {
  combineLatest,
  connect,
  distinctUntilChanged,
  EMPTY,
  filter,
  groupBy,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  type OperatorFunction,
  pipe,
  retry,
  scan,
  shareReplay,
  startWith,
  switchMap,
  takeWhile,
  tap,
  timer,
} from 'rxjs';
import { activeHolds, type HoldLedger } from '../../operators/holdLedger.js';
import { isSilenced } from '../../operators/isSilenced.js';
import { isolationPlan, type SubscriptionChange } from '../../operators/isolationPlan.js';
import { MediaError } from '../../operators/mediaError.js';
import { mergeMapPresent } from '../../operators/mergeMapPresent.js';
import { parseCommand } from '../../operators/parseCommand.js';
import type { Attributes, Milliseconds } from '../../operators/types.js';
import { fromAttributes } from '../../streams/fromAttributes.js';
import { toAttributes } from '../../streams/toAttributes.js';
import { type SubscriptionOutcome, toSubscriptions } from '../../streams/toSubscriptions.js';
import { countHolds } from '../metricsHolds.js';
import type { RoomHolds } from './roomHolds.js';
import type { ServiceEvent } from './serviceEvent.js';
import { humans, type TargetDeps } from './target.js';

/**
 * The server takes an unsubscription before there is a subscription for done, and then subscribes:
 * so it is asked again, at first at the pace at which subscriptions come about (measured on
 * livekit-server 1.13.5).
 */
const REISSUED: readonly Milliseconds[] = [0, 30, 80, 200, 500, 2_000, 5_000];
/**
 * What nobody tells the bot: that a held client has resumed its connection and named the tracks it
 * wants, or that it is back after losing it. A leak is to be over within 300 ms, of which the
 * server takes up to 90; a request costs 1 ms of CPU here and half of that there.
 */
const STANDING: Milliseconds = 100;

const LONGEST_RETRY: Milliseconds = 5_000;

/** When to ask for the same again: at once first. */
function cadence(someoneHeld: boolean): Observable<unknown> {
  return merge(
    ...REISSUED.map((delay) => (delay === 0 ? of(0) : timer(delay))),
    someoneHeld ? interval(STANDING) : EMPTY,
  );
}

/** What to ask of the server, again and again for as long as anybody is held or being released. */
function plans({
  settings,
  handover,
}: TargetDeps): OperatorFunction<RoomHolds, readonly SubscriptionChange[]> {
  const planOf = ({ audio, ledger }: RoomHolds) =>
    isolationPlan(audio, activeHolds(ledger, Date.now()), settings.holdBothWays);
  // One of two asks all the time: that costs more than anything else.
  const keepsAsking$ = handover.duty$.pipe(
    map((duty) => duty === 'alone' || duty === 'sharing'),
    distinctUntilChanged(),
  );
  return (holds$) =>
    combineLatest([holds$, keepsAsking$]).pipe(
      switchMap(([state, keepsAsking]) =>
        cadence(keepsAsking && activeHolds(state.ledger, Date.now()).held.size > 0).pipe(
          map(() => planOf(state)),
          takeWhile((changes) => changes.length > 0),
        ),
      ),
    );
}

/** Whether the isolation of each target stands: the server has accepted it, and not its end. */
type Standing = ReadonlyMap<string, Hold>;

interface Hold {
  readonly held: boolean;
  readonly stands: boolean;
}

type StandingInput = { readonly type: 'ledger'; readonly ledger: HoldLedger } | SubscriptionOutcome;

const isOutcome = (input: StandingInput): input is SubscriptionOutcome => input.type !== 'ledger';

function nextStanding(standing: Standing, input: StandingInput): Standing {
  if (!isOutcome(input)) {
    return new Map(
      // A release that nobody has asked for is what an earlier bot's hold needs: it still stands.
      [...input.ledger].map(([identity, { held }]) => [
        identity,
        { held, stands: standing.get(identity)?.stands ?? !held },
      ]),
    );
  }
  const { listener, held } = input.change;
  const known = standing.get(listener);
  if (known === undefined || (input.type !== 'accepted' && input.type !== 'silenced'))
    return standing;
  return new Map([...standing, [listener, { held: known.held, stands: held }]]);
}

/** What `media.held` shall be; `undefined` where it may stay as it is. */
function heldValue(target: Hold | undefined, attributes: Attributes): string | undefined {
  if (target) return target.held === target.stands ? String(target.held) : undefined;
  const command = parseCommand(attributes);
  const commanded = command.verb === 'play' ? !command.loop : attributes['media.command'];
  return commanded && attributes['media.held'] === undefined ? 'false' : undefined;
}

/**
 * Keeps `media.held` of one target true to what the server has accepted. Beside another bot only
 * one of the two tells it: they do not hear of a command at the same moment.
 */
function answerHeld(
  identity: string,
  standing$: Observable<Standing>,
  deps: TargetDeps,
): Observable<never> {
  return combineLatest([standing$, fromAttributes(deps.room, identity), deps.handover.duty$]).pipe(
    map(([standing, attributes, duty]) => {
      if (duty === 'arriving' || duty === 'yielding') return undefined;
      const value = heldValue(standing.get(identity), attributes);
      return value === attributes['media.held'] ? undefined : value;
    }),
    distinctUntilChanged(),
    switchMap((value) =>
      value === undefined ? EMPTY : persistently({ 'media.held': value }, identity, deps),
    ),
  );
}

/** Writes until it is written: nothing else would ever write it again. */
function persistently(
  attributes: Attributes,
  identity: string,
  { api, roomName, logger }: TargetDeps,
): Observable<never> {
  return of(attributes).pipe(
    toAttributes({ api, room: roomName, identity }, (error) => {
      throw error;
    }),
    retry({
      delay: (error: unknown) => {
        logger.warn('isolation not told', { identity, error });
        return timer(LONGEST_RETRY);
      },
    }),
  );
}

const SILENCED = new MediaError(
  'isolation_failed',
  'the server does not take the isolation: all subscriptions are taken from the target',
);

/** Tells the Call Service that a target hears nothing at all, not even the music. */
function answerSilenced(deps: TargetDeps): OperatorFunction<StandingInput, never> {
  return pipe(
    filter(isOutcome),
    filter(({ type }) => type === 'silenced'),
    mergeMap(({ change: { listener } }) =>
      persistently({ 'media.error': String(SILENCED) }, listener, deps),
    ),
  );
}

/** Tells whose isolation stands. */
const isolated: OperatorFunction<StandingInput, ServiceEvent> = pipe(
  filter(isOutcome),
  filter(({ type, change }) => change.held && (type === 'accepted' || type === 'silenced')),
  map(({ change }) => ({ type: 'isolated', identity: change.listener }) as const),
);

/** One line where something has changed, not one for each time it was asked again. */
function log({ logger }: TargetDeps): OperatorFunction<StandingInput, never> {
  return pipe(
    filter(isOutcome),
    filter(({ type }) => type !== 'absent'),
    groupBy(({ change }) => change.listener),
    mergeMap((outcomes$) =>
      outcomes$.pipe(
        distinctUntilChanged((a, b) => a.type === b.type && a.change.held === b.change.held),
        tap((outcome) => {
          const { listener: identity, held } = outcome.change;
          const line = {
            identity,
            held,
            ...(outcome.type === 'failed' && { error: outcome.error }),
          };
          logger[outcome.type === 'accepted' ? 'info' : 'warn'](`isolation ${outcome.type}`, line);
        }),
      ),
    ),
    ignoreElements(),
  );
}

/**
 * Keeps whoever is on hold from hearing anybody, and gives everything back afterwards. Emits whose
 * isolation the server has accepted.
 *
 *     hold       ------^-------------------!------     of one target, by its attributes
 *     server     ------h-h-h--h-h--h----h--s-s-s--     h: unsubscribed, s: subscribed again
 *     media.held --------true----------------false
 *
 * Level-triggered: everything is asked for again whenever somebody joins, leaves or publishes, and
 * on a timer, for the server accepts what it then does not do, and cannot be asked.
 *
 * @param holds$ see `roomHolds`.
 * @see contract, "Hold isolation".
 */
export function isolation(
  holds$: Observable<RoomHolds>,
  deps: TargetDeps,
): Observable<ServiceEvent> {
  const { api, roomName } = deps;
  const isPresent = (identity: string) => deps.room.remoteParticipants.has(identity);
  const wasSilenced = (identity: string) => {
    const person = deps.room.remoteParticipants.get(identity);
    return isSilenced(person?.attributes ?? {}, person?.info.permission?.canSubscribe);
  };
  return holds$.pipe(
    connect((holds$) =>
      merge(
        holds$.pipe(map(({ ledger }) => ({ type: 'ledger', ledger }) as const)),
        holds$.pipe(plans(deps), toSubscriptions({ api, room: roomName, isPresent, wasSilenced })),
      ),
    ),
    connect((inputs$: Observable<StandingInput>) => {
      const standing$ = inputs$.pipe(
        scan(nextStanding, new Map() as Standing),
        startWith(new Map() as Standing),
        shareReplay({ bufferSize: 1, refCount: true }),
      );
      return merge(
        // Holds the state together while nobody is in the room.
        standing$.pipe(ignoreElements()),
        deps.participants$.pipe(
          map(humans),
          mergeMapPresent((identity) => answerHeld(identity, standing$, deps)),
        ),
        inputs$.pipe(answerSilenced(deps)),
        inputs$.pipe(log(deps)),
        inputs$.pipe(countHolds(deps.metrics.isolation)),
        inputs$.pipe(isolated),
      );
    }),
  );
}
