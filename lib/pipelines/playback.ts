import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  identity,
  map,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  of,
  switchMap,
  timer,
} from 'rxjs';
import { fadeIn } from '../../operators/fadeIn.js';
import { holdTone } from '../../operators/holdTone.js';
import { loopUntil } from '../../operators/loopUntil.js';
import { MediaError } from '../../operators/mediaError.js';
import { paceTo } from '../../operators/paceTo.js';
import { reframe } from '../../operators/reframe.js';
import { scaleGain } from '../../operators/scaleGain.js';
import type {
  Answer,
  AudioOutput,
  GainFactor,
  LeaveCommand,
  Milliseconds,
  PcmFrame,
  PlayCommand,
  Samples,
  StopCommand,
  TrackInput,
} from '../../operators/types.js';

/** Audio kept ahead of the listener: what the event loop may stall before they hear it. */
const LEAD: Milliseconds = 200;
/** 50 ms at 48 kHz: few calls into the native library, and a quarter of the lead. */
const FRAME: Samples = 2_400;
/** From the last sample written to the moment at which it has been heard for certain. */
const TAIL: Milliseconds = 500;

/** An answer to the Call Service. */
export interface AnswerEvent {
  readonly type: 'answer';
  readonly answer: Answer;
}

/** What playback makes happen, in order: audio, answers, and the end of the room. */
export type PlaybackEvent = TrackInput | AnswerEvent | { readonly type: 'close' };

/** What the playback of one target needs. */
export interface PlaybackDeps {
  /** The asset at an address: 48 kHz mono frames from its start, each let out by `pace`. */
  clip(url: string, pace: MonoTypeOperatorFunction<PcmFrame>): Observable<PcmFrame>;
  /** Where the frames go, as far as pacing needs to know it. */
  readonly output: Pick<AudioOutput, 'queued'>;
  readonly gain: GainFactor;
  /** Whether the target's attributes still ask for this command. */
  isNewest(command: PlayCommand): boolean;
  /** Emits once: why the room stays open after this single shot; `undefined`: it shall be closed. */
  kept(command: PlayCommand): Observable<string | undefined>;
}

const CUT = { type: 'cut' } as const;
const answered = (answer: Answer) => ({ type: 'answer', answer }) as const;

/** Answers a command that failed; whatever is not one of the contract's failures is the asset's. */
export const failed = (id: string, error: unknown): AnswerEvent =>
  answered({
    id,
    status: 'failed',
    error:
      error instanceof MediaError
        ? error
        : new MediaError('asset_undecodable', 'the asset cannot be played', { cause: error }),
  });

/**
 * The end of a single shot that has been heard: the room closes, unless there is a reason not to.
 * A command that has been replaced meanwhile gets no answer any more.
 */
export function drained(command: PlayCommand, deps: PlaybackDeps): Observable<PlaybackEvent> {
  const { id } = command;
  return deps.kept(command).pipe(
    filter(() => deps.isNewest(command)),
    concatMap((reason): PlaybackEvent[] =>
      reason === undefined
        ? [answered({ id, status: 'ended' }), { type: 'close' }]
        : [answered({ id, status: 'ended', error: new MediaError('room_kept', reason) })],
    ),
  );
}

/** What the target hears of a clip, from a soft start on: one pass, or one after the other. */
function sound(
  clip$: Observable<PcmFrame>,
  loop: boolean,
  gain: GainFactor,
): Observable<TrackInput> {
  return clip$.pipe(
    scaleGain(gain),
    loop ? loopUntil(NEVER) : identity,
    fadeIn(),
    reframe(FRAME),
    map((frame) => ({ type: 'frame', frame }) as const),
  );
}

function play(command: PlayCommand, deps: PlaybackDeps): Observable<PlaybackEvent> {
  const { id, url, loop } = command;
  const { gain, output } = deps;
  const playing = answered({ id, status: 'playing' });
  const pace = paceTo({ queued: output.queued, lead: LEAD });
  const heard$ = defer(() => timer(output.queued() + TAIL));
  // Whoever is on hold shall not take a failed asset for a dead line.
  const instead$ = loop ? sound(holdTone().pipe(pace), loop, gain) : EMPTY;
  return concat(
    of(CUT),
    sound(deps.clip(url, pace), loop, gain).pipe(
      concatMap((frame, index) => (index === 0 ? [frame, playing] : [frame])),
    ),
    heard$.pipe(concatMap(() => drained(command, deps))),
  ).pipe(catchError((error: unknown) => concat(of(CUT, failed(id, error)), instead$)));
}

/**
 * What one target hears: the newest command wins, and each gets its answers.
 *
 *     commands  --P------S---------Q-----------      P: play, S: stop, Q: play once
 *     result    --cfpff--cs--------cfpffff----ex     f: frame, c: cut, p, s, e: answers, x: close
 *
 * Never errors: an asset that cannot be had is answered `failed`; what follows is silence, or the
 * built-in hold tone for a target on hold.
 *
 * @param commands$ what may be carried out, each command once (see `distinctByCommandId`).
 */
export function playback(
  commands$: Observable<PlayCommand | StopCommand | LeaveCommand>,
  deps: PlaybackDeps,
): Observable<PlaybackEvent> {
  return commands$.pipe(
    switchMap((command): Observable<PlaybackEvent> => {
      if (command.verb === 'play') return play(command, deps);
      if (command.verb === 'leave') return of(CUT);
      return of(CUT, answered({ id: command.id, status: 'stopped' }));
    }),
  );
}
