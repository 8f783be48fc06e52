import { setImmediate as nextTurn } from 'node:timers/promises';

import { forkJoin, from, interval, map, mergeMap, take, toArray, VirtualTimeScheduler } from 'rxjs';

import { createDetectSpeech } from '../lib/engines/vad.js';
import type { Milliseconds, PcmFrame, SpeechFrame } from '../operators/types.js';
import { vadChunk, type VadChunkOptions } from '../operators/vadChunk.js';
import { SAMPLE_RATE } from './vadRecordings.js';
import type { Span } from './vadSound.js';

/** An utterance, on the clock of its sound. */
export interface FoundUtterance extends Span {
  /** What of the sound it holds, from the pre-roll to the end of the hangover. */
  readonly heard: Span;
  /** When its end was known. */
  readonly knownAt: Milliseconds;
}

/** The model takes 10 s in advance at most. */
const AHEAD = 50;

/** A sound in frames with the model's judgement on each, as fast as it can be had. */
export async function judge(
  sound: Int16Array,
  frameMs: Milliseconds,
): Promise<readonly SpeechFrame[]> {
  const judged: SpeechFrame[] = [];
  const judging = from(framesOf(sound, frameMs, () => judged.length)).pipe(createDetectSpeech());
  await judging.forEach((frame) => judged.push(frame));
  return judged;
}

async function* framesOf(sound: Int16Array, frameMs: Milliseconds, judged: () => number) {
  const length = (frameMs * SAMPLE_RATE) / 1000;
  for (let i = 0; (i + 1) * length <= sound.length; i++) {
    while (i - judged() > AHEAD) await nextTurn();
    const samples = sound.slice(i * length, (i + 1) * length);
    yield { samples, sampleRate: SAMPLE_RATE } satisfies PcmFrame;
  }
}

/** What `vadChunk` makes of judged frames that arrive in virtual real time. */
export function utterancesIn(
  judged: readonly SpeechFrame[],
  frameMs: Milliseconds,
  options: Partial<VadChunkOptions>,
): readonly FoundUtterance[] {
  const scheduler = new VirtualTimeScheduler();
  const found: FoundUtterance[] = [];
  interval(frameMs, scheduler)
    .pipe(
      take(judged.length),
      map((i) => judged[i]!.frame),
      vadChunk(
        map((_, i) => judged[i]!),
        { createId: () => '', ...options },
        scheduler,
      ),
      mergeMap(({ startMs, audio, end }) =>
        forkJoin([audio.pipe(toArray()), end]).pipe(
          map(([frames, { endMs }]): FoundUtterance => {
            const first = judged.findIndex(({ frame }) => frame === frames[0]);
            const heard = { start: first * frameMs, end: (first + frames.length) * frameMs };
            return { start: startMs, end: endMs, heard, knownAt: scheduler.now() };
          }),
        ),
      ),
    )
    .subscribe({
      next: (utterance) => found.push(utterance),
      error: (error: unknown) => {
        throw error;
      },
    });
  scheduler.flush();
  return found;
}
