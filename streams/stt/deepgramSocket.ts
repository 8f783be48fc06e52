import type { DeepgramClient } from '@deepgram/sdk';
import { defer, map, Observable, switchMap } from 'rxjs';
import { SttError } from '../../operators/sttError.js';
import type { LanguageTag, Milliseconds } from '../../operators/types.js';
import { unreachable } from './deepgramError.js';
import { type DeepgramMessage, readDeepgramMessage } from './deepgramMessage.js';
import { GOING_AWAY, NORMAL_CLOSURE, openDeepgramTransport } from './deepgramTransport.js';

/** Whom to connect to, and for what. */
export interface DeepgramSocketOptions {
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
  readonly model: string;
  /** In the spelling that Deepgram knows; `multi`: any of several, to be detected. */
  readonly language: LanguageTag;
  /** For the whole handshake. */
  readonly connectTimeout: Milliseconds;
  /** For the server to close, once the connection has served its purpose. */
  readonly closeTimeout: Milliseconds;
}

/** What is said to Deepgram: 16 kHz mono s16 audio, or a request. */
export type DeepgramRequest =
  | { readonly type: 'Media'; readonly samples: Int16Array }
  | { readonly type: 'KeepAlive' | 'Finalize' | 'CloseStream' };

/** An open connection. */
export interface DeepgramSocket {
  /** Throws an SttError `retry` where too much has not been taken yet. */
  readonly say: (request: DeepgramRequest) => void;
  /** Leaves the connection to the server to close, whatever becomes of the subscription. */
  readonly leave: () => void;
}

/** What happens on a connection; `Close` is the last of it. */
export type DeepgramEvent =
  | { readonly type: 'Open'; readonly socket: DeepgramSocket }
  | DeepgramMessage
  | { readonly type: 'Close'; readonly code: number; readonly reason: string };

/** A message that is yet to be read: the SDK would swallow an error while it passes it on. */
type RawEvent =
  Exclude<DeepgramEvent, DeepgramMessage> | { readonly type: 'Message'; readonly message: unknown };

type SdkSocket = Awaited<ReturnType<DeepgramClient['listen']['v1']['connect']>>;

/**
 * Words arrive as soon as they are certain (`no_delay`), with interim ones before, and as sentences
 * (`punctuate`). Deepgram shall not look for the end of the utterance: it is told (`endpointing`).
 * All else is the default of developers.deepgram.com, "Live Audio".
 */
const LISTEN = {
  encoding: 'linear16',
  sample_rate: 16_000,
  channels: 1,
  interim_results: 'true',
  punctuate: 'true',
  endpointing: 'false',
  queryParams: { no_delay: 'true' },
} as const;

/** Prepares a connection; nothing is sent before its `connect`. */
async function prepare(options: DeepgramSocketOptions): Promise<SdkSocket> {
  // 29 MB that a process which transcribes nothing does not need.
  const { DeepgramClient } = await import('@deepgram/sdk');
  const { apiKey, baseUrl, model, language, connectTimeout, closeTimeout } = options;
  const client = new DeepgramClient({
    apiKey,
    ...(baseUrl !== undefined && { baseUrl }),
    transportFactory: (url, headers) => openDeepgramTransport(url, headers, closeTimeout),
  });
  return client.listen.v1.connect({
    ...LISTEN,
    model,
    language,
    reconnectAttempts: 0,
    connectionTimeoutInSeconds: connectTimeout / 1000,
  });
}

const toDeepgramSocket = (socket: SdkSocket): DeepgramSocket => ({
  say: (request) =>
    socket.socket.send(request.type === 'Media' ? request.samples : JSON.stringify(request)),
  leave: () => socket.socket.close(NORMAL_CLOSURE),
});

/** The SDK's own events carry no cause of an error, hence the inner socket's. */
function connectSocket(socket: SdkSocket): Observable<RawEvent> {
  return new Observable((subscriber) => {
    socket.on('open', () => subscriber.next({ type: 'Open', socket: toDeepgramSocket(socket) }));
    socket.on('message', (message) => subscriber.next({ type: 'Message', message }));
    socket.on('close', ({ code, reason }) => {
      subscriber.next({ type: 'Close', code, reason });
      subscriber.complete();
    });
    socket.socket.addEventListener('error', ({ error }) =>
      subscriber.error(error instanceof SttError ? error : unreachable(error)),
    );
    socket.connect();
    return () => socket.socket.close(GOING_AWAY);
  });
}

/**
 * One connection to Deepgram's live transcription, through its SDK.
 *
 *     result  --O--r-r-M(C|)     O: open, r: results, M: metadata, C: closed by the server
 *
 * Each subscription opens a connection of its own, and closes it at once when it ends, unless the
 * connection was left. Errors with an SttError when the connection cannot be had, or breaks.
 *
 * @see developers.deepgram.com, "Live Audio", for the parameters and messages.
 */
export function fromDeepgramSocket(options: DeepgramSocketOptions): Observable<DeepgramEvent> {
  return defer(() => prepare(options)).pipe(
    switchMap(connectSocket),
    map((event) => (event.type === 'Message' ? readDeepgramMessage(event.message) : event)),
  );
}
