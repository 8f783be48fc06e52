import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { BehaviorSubject, type Observable } from 'rxjs';
import { WebSocketServer } from 'ws';
import { checkElevenLabsForm, type ElevenLabsForm, elevenLabsRefusal } from './elevenlabsForm.js';
import { ElevenLabsListener, type SessionFault } from './elevenlabsListener.js';
import { checkElevenLabsQuery } from './elevenlabsQuery.js';
import { toThreeLetters, toWords } from './elevenlabsWords.js';
import { guessLanguage, type LanguageOf } from './guessLanguage.js';
import type { PhraseBook } from './phraseBook.js';
import { type MultipartForm, readMultipart } from './readMultipart.js';
import {
  createFaults,
  type StandInOptions,
  type StandInServer,
  startStandInServer,
} from './standInServer.js';

/** How the stand-in behaves. */
export interface ElevenLabsStandInOptions extends StandInOptions {
  /** The one key that it takes. */
  readonly apiKey: string;
  readonly phraseBook: PhraseBook;
  /** The language of a phrase where none was asked for; guessed by its letters when missing. */
  readonly languageOf?: LanguageOf;
  /** Milliseconds without a message after which a session is closed; 15 s when missing. */
  readonly idleMs?: number;
  /** Seconds of audio that a session commits to unasked; 90 when missing. */
  readonly autoCommitSeconds?: number;
}

/** ElevenLabs' transcription, batch and realtime, on the loopback interface. */
export interface ElevenLabsStandIn extends StandInServer {
  /** Seconds of audio that it has listened to, at once, then each change. */
  readonly heard: Observable<number>;
  /** The same, up to now. */
  readonly audioSeconds: () => number;
  /** The text fields of each form so far. */
  readonly forms: () => readonly MultipartForm['fields'][];
  /** The parameters of each session so far. */
  readonly queries: () => readonly URLSearchParams[];
  /** As `fail`, with sessions that are open. */
  readonly failSession: (fault: SessionFault | undefined, times?: number) => void;
}

const PATH = '/v1/speech-to-text';
const REALTIME_PATH = `${PATH}/realtime`;

/** Starts a stand-in for ElevenLabs: it listens to what it is sent, and refuses what they would. */
export async function startElevenLabsStandIn(
  options: ElevenLabsStandInOptions,
): Promise<ElevenLabsStandIn> {
  const { phraseBook, languageOf = guessLanguage, delayMs = 0 } = options;
  const { idleMs = 15_000, autoCommitSeconds = 90 } = options;
  const forms: MultipartForm['fields'][] = [];
  const queries: URLSearchParams[] = [];
  const sessionFaults = createFaults<SessionFault>();
  const sessions = new WebSocketServer({ noServer: true });
  const heard = new BehaviorSubject(0);
  const onAudio = (seconds: number) => heard.next(heard.value + seconds);

  const answer = async (request: IncomingMessage) => {
    const form = await readForm(request);
    forms.push(form.fields);
    checkKey(request, options);
    if (request.method !== 'POST' || pathOf(request).pathname !== PATH) throw notFound();
    const wanted = checkElevenLabsForm(form);
    onAudio(secondsOf(wanted));
    return { status: 200, body: bodyOf(wanted, phraseBook, languageOf) };
  };
  const upgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const { pathname, searchParams: query } = pathOf(request);
    queries.push(query);
    checkKey(request, options);
    if (pathname !== REALTIME_PATH) throw notFound();
    checkElevenLabsQuery(query);
    const fault = sessionFaults.next() ?? {};
    const habits = { phraseBook, languageOf, delayMs, idleMs, autoCommitSeconds, onAudio };
    sessions.handleUpgrade(request, socket, head, (ws) => {
      new ElevenLabsListener(ws, { query, fault, ...habits });
    });
  };
  const server = await startStandInServer({ answer, upgrade }, options);
  return {
    ...server,
    heard,
    audioSeconds: () => heard.value,
    forms: () => forms,
    queries: () => queries,
    failSession: sessionFaults.set,
  };
}

const pathOf = ({ url = '/' }: IncomingMessage) => new URL(url, 'http://localhost');

const notFound = () => elevenLabsRefusal(404, 'not_found', 'Not Found');

const secondsOf = ({ audio }: ElevenLabsForm) => audio.samples.length / audio.sampleRate;

function checkKey({ headers }: IncomingMessage, { apiKey }: ElevenLabsStandInOptions): void {
  if (headers['xi-api-key'] !== apiKey) {
    throw elevenLabsRefusal(401, 'invalid_api_key', 'Invalid API key');
  }
}

async function readForm(request: IncomingMessage): Promise<MultipartForm> {
  return readMultipart(request).catch((error: unknown) => {
    throw elevenLabsRefusal(400, 'invalid_form', String(error));
  });
}

function bodyOf(form: ElevenLabsForm, phraseBook: PhraseBook, languageOf: LanguageOf): unknown {
  const { audio, language } = form;
  const text = phraseBook.recognise(audio.samples, audio.sampleRate) ?? '';
  return {
    language_code: toThreeLetters(language ?? languageOf(text)),
    language_probability: 0.98,
    text,
    words: toWords(text, 0, secondsOf(form)),
    transcription_id: 'stand-in',
    audio_duration_secs: secondsOf(form),
  };
}
