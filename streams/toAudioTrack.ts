import {
  concatAll,
  from,
  ignoreElements,
  map,
  type Observable,
  of,
  type OperatorFunction,
  pipe,
} from 'rxjs';
import type { AudioOutput, TrackInput } from '../operators/types.js';

const isTrackInput = (event: { readonly type: string }): event is TrackInput =>
  event.type === 'frame' || event.type === 'cut';

/**
 * Plays frames on a track and passes everything else on, in order: an event that follows a frame
 * is emitted when that frame has been accepted. The one writer of its track.
 *
 *     source  -f-f-A-f-c-B-|     f: frame, c: cut, A, B: other events
 *     result  -----A-----B-|     B: after the audio before c has been faded out and dropped
 *
 * Frames are handed over as they come, so that `output.queued` counts them for whoever paces.
 *
 * @param onRefused told of a frame the track did not take: it is lost, the stream goes on.
 */
export function toAudioTrack<E extends { readonly type: string }>(
  output: AudioOutput,
  onRefused: (error: unknown) => void,
): OperatorFunction<E, Exclude<E, TrackInput>> {
  function play(event: TrackInput): Observable<never> {
    const done = event.type === 'frame' ? output.write(event.frame) : output.cut();
    return from(done.catch(onRefused)).pipe(ignoreElements());
  }
  return pipe(
    map((event) => (isTrackInput(event) ? play(event) : of(event as Exclude<E, TrackInput>))),
    concatAll(),
  );
}
