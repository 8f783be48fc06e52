import {
  catchError,
  defaultIfEmpty,
  defer,
  delay,
  filter,
  map,
  mergeMap,
  type Observable,
  of,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import { parseScribe } from '../../operators/parseScribe.js';
import { reframe } from '../../operators/reframe.js';
import { toScribeLanguage } from '../../operators/scribeLanguage.js';
import { SttError } from '../../operators/sttError.js';
import { toRecognition } from '../../operators/toRecognition.js';
import type {
  Hertz,
  LanguageTag,
  Milliseconds,
  PcmFrame,
  Samples,
  SpeechToText,
} from '../../operators/types.js';
import { unreachableSttError } from '../../operators/unreachableSttError.js';
import { withLast } from '../../operators/withLast.js';
import { collectCommits, type SessionEvent } from './elevenlabsSession.js';
import { type AudioChunk, fromElevenLabsSocket } from './elevenlabsSocket.js';

/** An account at ElevenLabs. */
export interface ElevenLabsRealtimeOptions {
  readonly apiKey: string;
  /** Another address than ElevenLabs' own; the path is added to it. */
  readonly baseUrl?: string | undefined;
  /** From the end of the utterance to its text. */
  readonly deadline?: Milliseconds;
}

const SCRIBE = { provider: 'elevenlabs', model: 'scribe_v2_realtime' } as const;
const BASE_URL = 'https://api.elevenlabs.io';
/** Ten times what it takes: by then, a new session is the better hope. */
const DEADLINE: Milliseconds = 5_000;
const SAMPLE_RATE: Hertz = 16_000;
/** 100 ms. */
const CHUNK: Samples = 1_600;
const SILENCE: PcmFrame = { samples: new Int16Array(), sampleRate: SAMPLE_RATE };

/**
 * ElevenLabs' Scribe, listening while somebody speaks: one session per utterance, opened when it
 * begins, so that little is left to do when it is over.
 *
 *     audio   f-f-f-f|
 *     sent    --F-f-f(C|)        F: all there was when it opened, C: the last
 *                               100 ms, and the request to commit
 *     result  ----------(r|)     the server's time after the end of the audio
 *
 * The server is told where the utterance ends (manual commit) and does not look for it. What it
 * commits to of its own accord before that, as it does after 90 s, is kept. A language that Scribe
 * does not know is left to be detected.
 *
 * Errors: SttError. By the status with which the handshake is refused (`httpSttError`) or the error
 * that the server tells of (`readElevenLabsError`); `retry` where there is no connection, or no
 * text in time.
 */
export function createElevenLabsRealtime(options: ElevenLabsRealtimeOptions): SpeechToText {
  const { apiKey, baseUrl = BASE_URL, deadline = DEADLINE } = options;
  return {
    ...SCRIBE,
    transcribe(utterance, language) {
      const session$ = defer(() => fromElevenLabsSocket(addressOf(baseUrl, language), apiKey));
      return session$.pipe(
        mergeMap((event) => (event.type === 'open' ? say(utterance.audio, event.send) : of(event))),
        collectCommits(),
        map((commits) => parseScribe(...commits.map((commit) => commit.timed ?? commit))),
        toRecognition(SCRIBE, language),
        catchError((error: unknown) => throwError(() => toSttError(error))),
        takeUntil(overdue(utterance.end, deadline)),
      );
    },
  } satisfies SpeechToText;
}

function addressOf(baseUrl: string, language: LanguageTag | undefined): URL {
  const base = baseUrl.replace(/^http/, 'ws').replace(/\/$/, '');
  const url = new URL(`${base}/v1/speech-to-text/realtime`);
  const code = toScribeLanguage(language);
  url.search = new URLSearchParams({
    model_id: SCRIBE.model,
    audio_format: `pcm_${SAMPLE_RATE}`,
    commit_strategy: 'manual',
    include_timestamps: 'true',
    ...(code === undefined ? { include_language_detection: 'true' } : { language_code: code }),
  }).toString();
  return url;
}

/** An utterance without any audio is committed to all the same: the server says that it is none. */
function say(
  audio$: Observable<PcmFrame>,
  send: (chunk: AudioChunk) => void,
): Observable<SessionEvent> {
  return audio$.pipe(
    reframe(CHUNK),
    defaultIfEmpty(SILENCE),
    withLast(),
    tap(({ value, isLast }) => send(toChunk(value, isLast))),
    filter(({ isLast }) => isLast),
    map(() => ({ type: 'asked' })),
  );
}

function toChunk({ samples, sampleRate }: PcmFrame, commit: boolean): AudioChunk {
  const pcm = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  return {
    message_type: 'input_audio_chunk',
    audio_base_64: pcm.toString('base64'),
    commit,
    sample_rate: sampleRate,
  };
}

function overdue(end$: Observable<unknown>, deadline: Milliseconds): Observable<never> {
  return end$.pipe(
    delay(deadline),
    map(() => {
      throw new SttError('retry', `ElevenLabs has not answered within ${deadline} ms`);
    }),
  );
}

function toSttError(error: unknown): SttError {
  return error instanceof SttError ? error : unreachableSttError('ElevenLabs', error);
}
