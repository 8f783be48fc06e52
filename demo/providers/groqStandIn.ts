import type { IncomingMessage } from 'node:http';
import { checkGroqForm, type GroqForm, groqRefusal } from './groqForm.js';
import { createGroqRateLimit } from './groqRateLimit.js';
import { guessLanguage, type LanguageOf } from './guessLanguage.js';
import type { PhraseBook } from './phraseBook.js';
import { type MultipartForm, readMultipart } from './readMultipart.js';
import { type StandInOptions, type StandInServer, startStandInServer } from './standInServer.js';

/** How the stand-in behaves. */
export interface GroqStandInOptions extends StandInOptions {
  /** The one key that it takes. */
  readonly apiKey: string;
  readonly phraseBook: PhraseBook;
  /** The language of a phrase where none was asked for; guessed by its letters when missing. */
  readonly languageOf?: LanguageOf;
  /** Requests that it takes in any minute; more than anybody makes when missing. */
  readonly requestsPerMinute?: number;
}

/** Groq's transcription on the loopback interface. */
export interface GroqStandIn extends StandInServer {
  /** Seconds of audio that it has listened to. */
  readonly audioSeconds: () => number;
  /** The text fields of each form so far. */
  readonly forms: () => readonly MultipartForm['fields'][];
}

const PATH = '/openai/v1/audio/transcriptions';
/** What Whisper is known to hear where nobody speaks. */
const INVENTED = 'Thank you.';
const LANGUAGE_NAMES = new Intl.DisplayNames(['en'], { type: 'language' });

/** Starts a stand-in for Groq: it listens to what it is sent, and refuses what Groq would. */
export async function startGroqStandIn(options: GroqStandInOptions): Promise<GroqStandIn> {
  const { apiKey, phraseBook, requestsPerMinute = 1_000_000 } = options;
  const { languageOf = guessLanguage } = options;
  const countRequest = createGroqRateLimit(requestsPerMinute);
  const forms: MultipartForm['fields'][] = [];
  let audioSeconds = 0;
  const answer = async (request: IncomingMessage) => {
    const form = await readForm(request);
    forms.push(form.fields);
    checkRequest(request, apiKey);
    const headers = countRequest();
    const wanted = checkGroqForm(form);
    const { samples, sampleRate } = wanted.audio;
    audioSeconds += samples.length / sampleRate;
    const heard = phraseBook.recognise(samples, sampleRate);
    return { status: 200, headers, body: bodyOf(wanted, heard, languageOf) };
  };
  const server = await startStandInServer({ answer }, options);
  return { ...server, audioSeconds: () => audioSeconds, forms: () => forms };
}

async function readForm(request: IncomingMessage): Promise<MultipartForm> {
  return readMultipart(request).catch((error: unknown) => {
    throw groqRefusal(400, `request Content-Type isn't multipart/form-data: ${String(error)}`);
  });
}

function checkRequest({ method, url, headers }: IncomingMessage, apiKey: string): void {
  if (method !== 'POST' || url !== PATH) {
    throw groqRefusal(404, `Unknown request URL: ${method ?? ''} ${url ?? ''}.`, 'unknown_url');
  }
  if (headers.authorization !== `Bearer ${apiKey}`) {
    throw groqRefusal(401, 'Invalid API Key', 'invalid_api_key');
  }
}

/** The leading space and the language by its name are the provider's. */
function bodyOf(
  { audio, language, format }: GroqForm,
  heard: string | undefined,
  languageOf: LanguageOf,
): unknown {
  const text = ` ${heard ?? INVENTED}`;
  const id = { x_groq: { id: 'req_stand_in' } };
  if (format === 'text') return text;
  if (format === 'json') return { text, ...id };
  const duration = audio.samples.length / audio.sampleRate;
  const code = language ?? languageOf(text.trim());
  const segments = [segmentOf(text, duration, heard !== undefined)];
  const name = LANGUAGE_NAMES.of(code)?.toLowerCase();
  return { task: 'transcribe', language: name, duration, text, segments, ...id };
}

function segmentOf(text: string, end: number, isSpeech: boolean): unknown {
  return {
    id: 0,
    seek: 0,
    start: 0,
    end,
    text,
    tokens: [50_365, 50_365 + Math.round(50 * end)],
    temperature: 0,
    avg_logprob: isSpeech ? -0.2 : -1.3,
    compression_ratio: 0.9,
    no_speech_prob: isSpeech ? 0.01 : 0.93,
  };
}
