import { catchError, filter, map, type Observable, throwError } from 'rxjs';
import { SttError } from '../../operators/sttError.js';
import type {
  LanguageTag,
  Milliseconds,
  Recognition,
  SpeechToText,
  Utterance,
} from '../../operators/types.js';
import { converse, type DeepgramPatience } from './deepgramConversation.js';
import { toRecognition } from './deepgramHearing.js';
import { fromDeepgramSocket } from './deepgramSocket.js';

/** How long Deepgram may take. */
export interface DeepgramDeadlines extends DeepgramPatience {
  /** For the whole handshake. */
  readonly connect: Milliseconds;
}

/** Whom to ask, and in whose name. */
export interface DeepgramOptions {
  readonly apiKey: string;
  /** `https://` or `wss://`; Deepgram's own when missing. */
  readonly baseUrl?: string | undefined;
  readonly deadlines?: DeepgramDeadlines;
}

/** Contract, section 4. */
const MODEL = 'nova-3';
/** Deepgram detects the language of live audio with this one alone. */
const ANY_LANGUAGE = 'multi';
/** Interim results come about once a second, and somebody waits for each text. */
const DEADLINES: DeepgramDeadlines = {
  connect: 5_000,
  finalize: 500,
  close: 2_000,
  silence: 5_000,
  stall: 3_000,
};

/** Deepgram wants `en-US`, however it was written. What is no tag at all it refuses itself. */
const toDeepgramLanguage = (tag: LanguageTag): LanguageTag => {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? tag;
  } catch {
    return tag;
  }
};

const toSttError = (cause: unknown): SttError =>
  cause instanceof SttError ? cause : new SttError('fatal', 'Deepgram cannot be asked', { cause });

/**
 * Deepgram's live transcription: one connection for each utterance, opened as it begins.
 *
 *     audio   f-f-f-f-f-f|
 *     result  ----------------(r|)     an answer's time after the end of the audio
 *
 * The words are understood while they are spoken; the end of the utterance only asks for the rest.
 * A connection costs what its time costs: there is none between utterances.
 *
 * Errors with an SttError. `fatal`: key, account, model, language or audio format is refused.
 * `throttle`: too many connections at a time. `retry`: Deepgram cannot be reached, hangs up or
 * says nothing.
 */
export function createDeepgram(options: DeepgramOptions): SpeechToText {
  const { apiKey, baseUrl, deadlines = DEADLINES } = options;
  function transcribe(utterance: Utterance, tag?: LanguageTag): Observable<Recognition> {
    const language = tag === undefined ? ANY_LANGUAGE : toDeepgramLanguage(tag);
    const requested = tag === undefined ? undefined : language.split('-')[0];
    const { connect: connectTimeout, close: closeTimeout } = deadlines;
    const socket = { apiKey, baseUrl, model: MODEL, language, connectTimeout, closeTimeout };
    return fromDeepgramSocket(socket).pipe(
      converse(utterance.audio, deadlines),
      map((hearing) => toRecognition(hearing, requested, MODEL)),
      filter((recognition) => recognition !== undefined),
      catchError((error: unknown) => throwError(() => toSttError(error))),
    );
  }
  return { provider: 'deepgram', model: MODEL, transcribe } satisfies SpeechToText;
}
