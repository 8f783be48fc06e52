import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { concatSamples } from '../concatSamples.js';
import type { DeepgramFault } from './deepgramFault.js';
import {
  metadataMessage,
  NOISE,
  type ResultOptions,
  resultsMessage,
  typeOfMessage,
} from './deepgramMessages.js';
import type { PhraseBook } from './phraseBook.js';

/** What a connection is for, and what it tells about itself. */
export interface ListenerOptions {
  readonly query: URLSearchParams;
  readonly phraseBook: PhraseBook;
  readonly fault: DeepgramFault | undefined;
  /** Milliseconds between a request and its answer. */
  readonly delayMs: number;
  /** Milliseconds without a word after which the connection is closed. */
  readonly idleMs: number;
  /** Told of each piece of audio, in seconds. */
  readonly onAudio: (seconds: number) => void;
  /** Told of each text message, by its type. */
  readonly onRequest: (type: string) => void;
  /** Told with which code the connection has been closed; 1006: without a goodbye. */
  readonly onClose: (code: number) => void;
  /** Resets the connection under the socket. */
  readonly reset: () => void;
}

/** Audio between interim results. */
const INTERIM_SECONDS = 1;
/** The provider's own words for it. */
const NET_0001 =
  'Deepgram did not receive audio data or a text message within the timeout window. ' +
  'See https://dpgr.am/net0001';
const DATA_0000 = 'DATA-0000';
const UNSURE = 0.5;
const SURE = 0.8;

/** Deepgram's side of one connection: listens, and says what it has understood. */
export class DeepgramListener {
  private readonly requestId = randomUUID();
  private readonly sampleRate: number;
  /** Audio since the last final result. */
  private pending: Int16Array[] = [];
  /** Seconds of audio before that. */
  private finished = 0;
  /** Seconds of audio at the last interim result. */
  private lastInterim = 0;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: ListenerOptions,
  ) {
    this.sampleRate = Number(options.query.get('sample_rate'));
    const idle = setTimeout(() => socket.close(1011, NET_0001), options.idleMs);
    socket.on('message', (data: Buffer, isBinary) => {
      idle.refresh();
      if (isBinary && data.length > 0) this.hear(data);
      else this.obey(isBinary ? 'CloseStream' : typeOfMessage(data));
    });
    socket.on('close', (code) => {
      clearTimeout(idle);
      options.onClose(code);
    });
    // What was said when a reset came is lost, as it should be.
    socket.on('error', () => undefined);
  }

  /** Seconds of audio so far. */
  private get heard(): number {
    const samples = this.pending.reduce((sum, { length }) => sum + length, 0);
    return this.finished + samples / this.sampleRate;
  }

  private hear(data: Buffer): void {
    if (this.options.query.get('encoding') !== 'linear16' || data.length % 2 !== 0) {
      this.socket.close(1008, DATA_0000);
      return;
    }
    const audio = new Int16Array(new Uint8Array(data).buffer);
    this.options.onAudio(audio.length / this.sampleRate);
    this.pending.push(audio);
    this.breakDown();
    if (this.heard - this.lastInterim >= INTERIM_SECONDS) this.sayInterim();
  }

  /** The faults that hit in the middle of the audio. */
  private breakDown(): void {
    const { fault, reset } = this.options;
    const isDue = fault && 'atMs' in fault && this.heard * 1000 >= fault.atMs;
    if (isDue && fault.type === 'reset') reset();
    if (isDue && fault.type === 'close') this.close(fault.code, fault.reason);
  }

  private close(code: number, reason?: string): void {
    // A code that stands for none cannot be sent.
    if (code === 1005) this.socket.close();
    else this.socket.close(code, reason);
  }

  private sayInterim(): void {
    this.lastInterim = this.heard;
    if (this.options.query.get('interim_results') === 'true') this.sayResult(this.understood());
  }

  private obey(type: string): void {
    this.options.onRequest(type);
    if (this.options.fault?.type === 'deaf') return;
    if (type === 'Finalize') this.later(() => this.finalize());
    else if (type === 'CloseStream') this.later(() => this.finish());
    else if (type !== 'KeepAlive') this.socket.close(1008, DATA_0000);
  }

  /** The answer to `Finalize`: none where there is nothing left to understand. */
  private finalize(): void {
    const fault = this.options.fault?.type;
    if (fault === 'ignoreFinalize' || fault === 'slow' || this.pending.length === 0) return;
    const text = this.understood();
    if (fault === 'pieces') this.sayPieces(text);
    else
      this.sayFinal(text, fault === 'speechFinal' ? { speechFinal: true } : { fromFinalize: true });
  }

  private sayPieces(text: string): void {
    const [first = '', ...others] = text.split(' ');
    this.sayResult(first, { isFinal: true, speechFinal: true, confidence: UNSURE });
    this.sayResult('', { isFinal: true });
    this.sayFinal(others.join(' '), { fromFinalize: true, confidence: SURE });
  }

  private finish(): void {
    const { fault } = this.options;
    if (fault?.type === 'close') this.close(fault.code, fault.reason);
    else if (fault?.type === 'slow') this.finishSlowly(this.understood().split(' '), fault.eachMs);
    else this.sayGoodbye();
  }

  private finishSlowly([word = '', ...others]: readonly string[], eachMs: number): void {
    this.later(() => {
      if (others.length > 0) {
        this.sayResult(word, { isFinal: true });
        this.finishSlowly(others, eachMs);
      } else {
        this.sayFinal(word);
        this.sayGoodbye();
      }
    }, eachMs);
  }

  private sayGoodbye(): void {
    if (this.pending.length > 0) this.sayFinal(this.understood());
    this.say(metadataMessage(this.requestId, this.finished));
    if (this.isSilent || this.options.fault?.type === 'stay') return;
    this.socket.close(1000);
  }

  private understood(): string {
    const samples = concatSamples(this.pending);
    return this.options.phraseBook.recognise(samples, this.sampleRate) ?? '';
  }

  private sayFinal(text: string, options: Partial<ResultOptions> = {}): void {
    this.sayResult(text, { ...options, isFinal: true });
    this.finished = this.heard;
    this.lastInterim = this.finished;
    this.pending = [];
  }

  private sayResult(text: string, options: Partial<ResultOptions> = {}): void {
    const { query, fault } = this.options;
    if (fault?.type === 'noise') for (const noise of NOISE) this.socket.send(noise);
    this.say(
      resultsMessage({
        text,
        start: this.finished,
        duration: this.heard - this.finished,
        requestId: this.requestId,
        ...(query.get('language') === 'multi' && { languages: ['en'] }),
        ...options,
      }),
    );
  }

  private get isSilent(): boolean {
    return this.options.fault?.type === 'silent';
  }

  private say(message: object): void {
    if (!this.isSilent) this.socket.send(JSON.stringify(message));
  }

  private later(answer: () => void, delayMs = this.options.delayMs): void {
    const due = setTimeout(answer, delayMs);
    this.socket.once('close', () => clearTimeout(due));
  }
}
