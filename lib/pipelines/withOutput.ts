import { defer, ignoreElements, merge, type Observable, tap } from 'rxjs';
import type { AudioOutput, Milliseconds } from '../../operators/types.js';

/** What is done with an output. */
export type OutputProject<T> = (output: AudioOutput) => Observable<T>;

/** Reported while there is no output yet: over any lead, by as little as writers shall wait. */
const NOT_YET: Milliseconds = 210;

/**
 * Begins with an output that is still being made: whatever is played there can be fetched and
 * decoded meanwhile. Until it is there `queued` is large, so that whoever paces lets nothing out.
 *
 *     output   -----o--------
 *     frames   --|  fff-f-f-f      let out from then on
 *
 * Errors where `output$` or the project does.
 */
export function withOutput<T>(
  output$: Observable<AudioOutput>,
  project: OutputProject<T>,
): Observable<T> {
  return defer(() => {
    let output: AudioOutput | undefined;
    const made$ = output$.pipe(
      tap((made) => (output = made)),
      ignoreElements(),
    );
    const eventual = {
      queued: () => output?.queued() ?? NOT_YET,
      write: (frame) => output?.write(frame) ?? Promise.resolve(),
      cut: () => output?.cut() ?? Promise.resolve(),
    } satisfies AudioOutput;
    return merge(made$, project(eventual));
  });
}
