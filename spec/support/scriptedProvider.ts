import { catchError, defer, map, NEVER, type Observable, of } from 'rxjs';
import { SttError, type SttErrorKind } from '../../operators/sttError.js';
import type {
  EpochMilliseconds,
  Recognition,
  SpeechToText,
  SttProvider,
  Utterance,
} from '../../operators/types.js';

/** What a scripted provider understands: its own name, unless something else is given. */
export function recognitionBy(provider: SttProvider, text: string = provider): Recognition {
  return { text, language: 'en', confidence: undefined, provider, model: `${provider}-1` };
}

/** An utterance that ended at `endMs`, without a sound; one that goes on where that is missing. */
export function utteranceOf(id: string, endMs?: EpochMilliseconds): Utterance {
  const end = endMs === undefined ? NEVER : of({ endMs, by: 'pause' } as const);
  return { id, startMs: 0, audio: NEVER, end };
}

/** A provider whose requests go as told; the second argument counts them from 0. */
export function scriptedProvider(
  provider: SttProvider,
  request: (utterance: Utterance, index: number) => Observable<Recognition>,
): SpeechToText {
  let requests = 0;
  return {
    provider,
    model: `${provider}-1`,
    transcribe: (utterance) => defer(() => request(utterance, requests++)),
  };
}

/** A failure, and what `outcomeOf` says of it: its kind, and the time asked for. */
export function failure(kind: SttErrorKind, retryAfter?: number): SttError {
  return new SttError(kind, 'scripted', { retryAfter });
}

/** The text, or the kind of the error and how long it asks to wait: `throttle 3000`. */
export function outcomeOf(result: Observable<Recognition>): Observable<string> {
  return result.pipe(
    map(({ text }) => text),
    catchError((error: unknown) => {
      if (!(error instanceof SttError)) return of('no SttError');
      return of([error.kind, error.retryAfter ?? []].flat().join(' '));
    }),
  );
}
