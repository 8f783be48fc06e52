import {
  asyncScheduler,
  AsyncSubject,
  connect,
  defer,
  endWith,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  type OperatorFunction,
  ReplaySubject,
  type SchedulerLike,
  switchMap,
  takeUntil,
  tap,
} from 'rxjs';
import { silence } from './silence.js';
import { SPEECH_LIMITS, type SpeechLimits } from './speechLimits.js';
import { type HeardFrame, type SegmentEvent, SpeechSegmenter } from './speechSegmenter.js';
import type {
  DetectSpeech,
  EpochMilliseconds,
  Milliseconds,
  PcmFrame,
  Utterance,
  UtteranceEnd,
} from './types.js';

/** How a voice is cut into utterances. */
export interface VadChunkOptions extends Partial<SpeechLimits> {
  /** A new id for each utterance, unique for ever, as `crypto.randomUUID` gives it. */
  readonly createId: () => string;
  /** How long no frame comes until the voice counts as muted: 500 ms (default), over any jitter. */
  readonly starvation?: Milliseconds;
}

/**
 * Cuts a voice into utterances, each emitted while it is still being said.
 *
 *     source   ......ssssssss........ss|    32 ms each, 16 kHz mono; .: silence, s: speech
 *     result   ----------a-------------|    once 250 ms have been spoken
 *     a.audio            ABCDEFGHIJK(L|)  A: the pre-roll of 300 ms and all since; then live
 *     a.end              -----------(e|)    a pause of 384 ms; its endMs is that of the last s
 *
 * What is shorter than `minSpeech` is dropped, as is the end of the source above. Times are those at
 * which the frames arrived here. An utterance that reaches `maxLength` is cut, and the rest of it is
 * emitted as the next one at once; see `SpeechSegmenter`. When frames stop coming in mid-speech, the
 * source completes or fails, or the result is unsubscribed, the utterance that is going on ends by
 * `track`, first of all. Errors: those of the source and of `detect`, and what `createId` throws.
 *
 * @param detect judges the frames. It may hold them back: times do not depend on it.
 * @param scheduler the clock, and the timer that notices that frames stopped coming.
 */
export function vadChunk(
  detect: DetectSpeech,
  { createId, starvation = 500, ...limits }: VadChunkOptions,
  scheduler: SchedulerLike = asyncScheduler,
): OperatorFunction<PcmFrame, Utterance> {
  return (source) =>
    defer(() => {
      const segmenter = new SpeechSegmenter({ ...SPEECH_LIMITS, ...limits });
      const arrivals: EpochMilliseconds[] = [];
      let current: LiveUtterance | undefined;

      function carryOut(event: SegmentEvent): Utterance[] {
        if (event.type === 'start') current = liveUtterance(createId(), event.startMs);
        if (event.type === 'audio') current?.say(event.frame);
        if (event.type === 'end') current?.finish(event.end);
        return event.type === 'start' && current ? [current.utterance] : [];
      }
      const breakOff = () => segmenter.break().forEach(carryOut);
      const heard = source.pipe(
        tap(() => arrivals.push(scheduler.now())),
        detect,
        // One comes out for each that went in, and in order.
        map((judged): HeardFrame => ({ ...judged, endMs: arrivals.shift() ?? scheduler.now() })),
        tap({ complete: breakOff, error: breakOff, unsubscribe: breakOff }),
      );
      return heard.pipe(
        connect((frames) =>
          merge(
            frames.pipe(mergeMap((frame) => segmenter.push(frame))),
            frames.pipe(
              starved(starvation, scheduler),
              mergeMap(() => segmenter.break()),
            ),
          ),
        ),
        mergeMap(carryOut),
      );
    });
}

/** Emits when no frame has come for so long. */
const starved =
  (starvation: Milliseconds, scheduler: SchedulerLike) =>
  (frames: Observable<HeardFrame>): Observable<unknown> =>
    frames.pipe(
      switchMap(() => silence(starvation, scheduler)),
      takeUntil(frames.pipe(ignoreElements(), endWith(undefined))),
    );

interface LiveUtterance {
  readonly utterance: Utterance;
  readonly say: (frame: PcmFrame) => void;
  readonly finish: (end: UtteranceEnd) => void;
}

/** Subjects, for everybody hears an utterance from its start. Its length bounds what is kept. */
function liveUtterance(id: string, startMs: EpochMilliseconds): LiveUtterance {
  const audio = new ReplaySubject<PcmFrame>(Infinity);
  const end = new AsyncSubject<UtteranceEnd>();
  return {
    utterance: { id, startMs, audio: audio.asObservable(), end: end.asObservable() },
    say: (frame) => audio.next(frame),
    finish: (reached) => {
      end.next(reached);
      end.complete();
      audio.complete();
    },
  };
}
