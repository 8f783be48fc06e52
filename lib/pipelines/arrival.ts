import { TrackKind, TrackSource } from '@livekit/rtc-node';
import {
  combineLatest,
  defer,
  delay,
  distinctUntilChanged,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  retry,
  scan,
  startWith,
  switchMap,
  take,
  tap,
  timeout,
  timer,
} from 'rxjs';
import { BOT_ATTRIBUTES } from '../../operators/botAttributes.js';
import { parseCommand } from '../../operators/parseCommand.js';
import type { Attributes, Milliseconds } from '../../operators/types.js';
import type { ServiceEvent } from './serviceEvent.js';
import { attributesOf, humans, isHuman, type TargetDeps } from './target.js';
import { toOwnAttributes } from './toOwnAttributes.js';

/** Longest wait for what may never come: a microphone that is off sends nothing. */
const READY_DEADLINE: Milliseconds = 5_000;
/**
 * From the last of it to the word that it is so: the music is on its way to the listener, and who
 * begins to listen in mid-speech takes up to 0.35 s to notice (measured).
 */
const SETTLED: Milliseconds = 500;
/** A bot that has not stopped by then is not alive: one that is takes a fraction of it. */
const DEAD_AFTER: Milliseconds = 5_000;
const REMOVED_AGAIN: Milliseconds = 1_000;
const NOT_TOLD = 'handover not told';

/** What a relieved bot is asked to transcribe; it may be asked until it is gone. */
const MIRRORED = ['stt.enabled', 'stt.language', 'stt.command_id'] as const;

/** Keeps what this bot is asked to transcribe the same as what the other one is. */
function mirrorSettings(deps: TargetDeps): Observable<never> {
  return deps.handover.predecessor$.pipe(
    filter((bot) => bot !== undefined),
    map(({ attributes }) =>
      Object.fromEntries(MIRRORED.map((name) => [name, attributes[name] ?? ''])),
    ),
    startWith<Attributes>({}),
    distinctUntilChanged((a, b) => MIRRORED.every((name) => (a[name] ?? '') === (b[name] ?? ''))),
    filter((settings) => Object.keys(settings).length > 0),
    toOwnAttributes(deps, NOT_TOLD),
  );
}

const told = (event: ServiceEvent): string => {
  if (event.type === 'heard') return `heard ${event.trackSid}`;
  return 'identity' in event ? `${event.type} ${event.identity}` : event.type;
};

/** All that is to happen before the other bot may stop, as `told` puts it. */
function needed(deps: TargetDeps, isTranscribing: boolean): readonly string[] {
  const people = [...deps.room.remoteParticipants.values()].filter(isHuman);
  const onHold = humans(people).filter((identity) => {
    const command = parseCommand(attributesOf(deps, identity));
    return command.verb === 'play' && command.loop;
  });
  const isHeld = (identity: string) => attributesOf(deps, identity)['media.held'] === 'true';
  const voices = people
    .flatMap(({ trackPublications }) => [...trackPublications.values()])
    .filter(({ kind, source, muted }) => {
      const isVoice = source !== TrackSource.SOURCE_SCREENSHARE_AUDIO;
      return kind === TrackKind.KIND_AUDIO && isVoice && muted !== true;
    });
  return [
    ...onHold.map((identity) => `answered ${identity}`),
    ...onHold.filter(isHeld).map((identity) => `isolated ${identity}`),
    ...(isTranscribing ? voices.map(({ sid }) => `heard ${sid}`) : []),
  ];
}

/** Tells the other bot to stop, once this one does what it does. */
function announce(events$: Observable<ServiceEvent>, deps: TargetDeps): Observable<never> {
  const { duty$, predecessor$ } = deps.handover;
  return combineLatest([duty$, predecessor$]).pipe(
    take(1),
    filter(([duty]) => duty === 'arriving'),
    mergeMap(([, before]) => {
      const isTranscribing = before?.attributes['stt.status'] === 'running';
      const needs = needed(deps, isTranscribing);
      return events$.pipe(
        scan((seen, event) => seen.add(told(event)), new Set<string>()),
        startWith(new Set<string>()),
        filter((seen) => needs.every((need) => seen.has(need))),
        take(1),
        timeout({ first: READY_DEADLINE, with: () => of(undefined) }),
      );
    }),
    delay(SETTLED),
    tap(() => deps.logger.info('ready to relieve another bot')),
    map(() => ({ [BOT_ATTRIBUTES.ready]: 'true' })),
    toOwnAttributes(deps, NOT_TOLD),
  );
}

/** Removes a bot that does not stop: it died without leaving. */
function removeDead({ api, roomName, logger, handover }: TargetDeps): Observable<never> {
  return combineLatest([handover.duty$, handover.predecessor$]).pipe(
    map(([duty, before]) =>
      duty === 'sharing' && before?.attributes[BOT_ATTRIBUTES.yielded] === undefined
        ? before?.identity
        : undefined,
    ),
    distinctUntilChanged(),
    switchMap((identity) =>
      identity === undefined
        ? EMPTY
        : timer(DEAD_AFTER).pipe(
            tap(() => logger.warn('dead bot to be removed', { identity })),
            mergeMap(() =>
              defer(() => api.removeParticipant(roomName, identity)).pipe(
                retry({ delay: () => timer(REMOVED_AGAIN) }),
              ),
            ),
          ),
    ),
    ignoreElements(),
  );
}

/**
 * Relieves another bot, where this one has come for that: does all that the other does, in silence
 * but for what loops, then has it stop. Emits nothing.
 *
 *     other bot  ~~~~~~~~~~~~~~~~~~y---|      y: yields, then leaves
 *     this one   --a--h--i---r----------      a: music plays, h: hears, i: isolates, r: ready
 *
 * @see contract, "Handover".
 */
export function arrival(events$: Observable<ServiceEvent>, deps: TargetDeps): Observable<never> {
  return merge(mirrorSettings(deps), announce(events$, deps), removeDead(deps));
}
