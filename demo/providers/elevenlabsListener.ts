import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { concatSamples } from '../concatSamples.js';
import { toSamples } from './decodeWav.js';
import { toThreeLetters, toWords } from './elevenlabsWords.js';
import type { LanguageOf } from './guessLanguage.js';
import type { PhraseBook } from './phraseBook.js';

/** Which of the two messages that tell of a commit. */
export type CommitMessage = 'plain' | 'timed';

/** What goes wrong with a session. */
export interface SessionFault {
  /** Where: as soon as the session has begun, or in place of the text that was asked for. */
  readonly at?: 'start' | 'commit';
  /** An error of this type is told, then the connection closed. */
  readonly error?: string;
  /** The connection is closed with this code, and no error told. */
  readonly closes?: number;
  /** Nothing is said any more, and nothing closed. */
  readonly hangs?: boolean;
  /** Sent with each text, as they are. */
  readonly noise?: readonly string[];
  /** The messages that tell of a commit, in order; both, the plain one first, when missing. */
  readonly twins?: readonly CommitMessage[];
}

/** What a session is for, and what it tells about itself. */
export interface ListenerOptions {
  readonly query: URLSearchParams;
  readonly phraseBook: PhraseBook;
  /** The language of a text where none was asked for. */
  readonly languageOf: LanguageOf;
  readonly fault: SessionFault;
  /** Milliseconds between the request for a text and the text. */
  readonly delayMs: number;
  /** Milliseconds without a message after which the connection is closed. */
  readonly idleMs: number;
  /** Seconds of audio that are committed to unasked. */
  readonly autoCommitSeconds: number;
  /** Told of each piece of audio, in seconds. */
  readonly onAudio: (seconds: number) => void;
}

interface Chunk {
  readonly message_type?: unknown;
  readonly audio_base_64?: unknown;
  readonly commit?: unknown;
  readonly sample_rate?: unknown;
}

/** Less than that is not committed to. */
const SHORTEST_SECONDS = 0.3;

/** ElevenLabs' side of one session: listens, and says what it has understood. */
export class ElevenLabsListener {
  private readonly sampleRate: number;
  /** Audio that was not committed to yet. */
  private pending: Int16Array[] = [];
  /** Seconds of audio that were. */
  private committed = 0;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: ListenerOptions,
  ) {
    this.sampleRate = Number(options.query.get('audio_format')?.replace('pcm_', ''));
    const idle = setTimeout(() => socket.close(1000), options.idleMs);
    socket.on('message', (data: Buffer) => {
      idle.refresh();
      this.hear(data);
    });
    socket.on('close', () => clearTimeout(idle));
    // A client may give up at any moment.
    socket.on('error', () => undefined);
    if (options.fault.at === 'start') this.breakDown();
    else this.say('session_started', { session_id: randomUUID(), config: {} });
  }

  private get uncommitted(): number {
    return this.pending.reduce((sum, { length }) => sum + length, 0) / this.sampleRate;
  }

  private hear(data: Buffer): void {
    const chunk = parse(data);
    const isRight =
      chunk?.message_type === 'input_audio_chunk' &&
      typeof chunk.audio_base_64 === 'string' &&
      typeof chunk.commit === 'boolean' &&
      chunk.sample_rate === this.sampleRate;
    if (!isRight) {
      this.end('input_error', 'not an input_audio_chunk of this session');
      return;
    }
    const samples = toSamples(Buffer.from(chunk.audio_base_64, 'base64'));
    this.pending.push(samples);
    this.options.onAudio(samples.length / this.sampleRate);
    if (chunk.commit) this.obey();
    else if (this.uncommitted >= this.options.autoCommitSeconds) this.commit(0);
  }

  private obey(): void {
    const seconds = this.uncommitted;
    if (this.options.fault.at === 'commit') this.breakDown();
    else if (seconds >= SHORTEST_SECONDS) this.commit(this.options.delayMs);
    else this.say('commit_throttled', { error: tooShort(seconds) });
  }

  private breakDown(): void {
    const { error, closes } = this.options.fault;
    if (error !== undefined) this.end(error, 'as told');
    else if (closes !== undefined) this.socket.close(closes);
  }

  private end(error: string, why: string): void {
    this.say(error, { error: why });
    this.socket.close(1008);
  }

  /** Takes what has been heard so far, and tells later what it means. */
  private commit(delayMs: number): void {
    const samples = concatSamples(this.pending);
    const from = this.committed;
    const to = from + samples.length / this.sampleRate;
    [this.pending, this.committed] = [[], to];
    const due = setTimeout(() => {
      const text = this.options.phraseBook.recognise(samples, this.sampleRate) ?? '';
      this.tell(text, from, to);
    }, delayMs);
    this.socket.once('close', () => clearTimeout(due));
  }

  private tell(text: string, from: number, to: number): void {
    const { noise = [], twins = ['plain', 'timed'] } = this.options.fault;
    for (const frame of noise) this.socket.send(frame);
    for (const twin of twins) {
      if (twin === 'plain') this.say('committed_transcript', { text });
      else this.sayTimed(text, from, to);
    }
  }

  private sayTimed(text: string, from: number, to: number): void {
    const { query } = this.options;
    if (query.get('include_timestamps') !== 'true') return;
    const language = query.get('language_code') ?? this.options.languageOf(text);
    const language_code = toThreeLetters(language);
    const words = toWords(text, from, to);
    this.say('committed_transcript_with_timestamps', { text, language_code, words });
  }

  private say(message_type: string, content: object): void {
    if (this.options.fault.hangs) return;
    this.socket.send(JSON.stringify({ message_type, ...content }));
  }
}

function tooShort(seconds: number): string {
  const only = `only ${seconds.toFixed(2)}s of uncommitted audio`;
  return `Commit request ignored: ${only}. You need at least ${SHORTEST_SECONDS}s`;
}

function parse(data: Buffer): Chunk | undefined {
  try {
    return JSON.parse(data.toString()) as Chunk;
  } catch {
    return undefined;
  }
}
