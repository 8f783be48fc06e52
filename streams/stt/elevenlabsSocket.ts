import type { IncomingMessage } from 'node:http';
import { defer, Observable, switchMap } from 'rxjs';
import type { WebSocket } from 'ws';
import { httpSttError } from '../../operators/httpSttError.js';
import type { SttError } from '../../operators/sttError.js';
import type { Milliseconds } from '../../operators/types.js';
import { unreachableSttError } from '../../operators/unreachableSttError.js';
import type { SessionEvent } from './elevenlabsSession.js';

/** A message to Scribe: the only one there is. */
export interface AudioChunk {
  readonly message_type: 'input_audio_chunk';
  readonly audio_base_64: string;
  /** Asks for the text of all that was sent since the last commit. */
  readonly commit: boolean;
  readonly sample_rate: number;
}

/** What happens on a connection; `open` is the first of it, `closed` the last. */
export type ElevenLabsEvent =
  { readonly type: 'open'; readonly send: (chunk: AudioChunk) => void } | SessionEvent;

const HANDSHAKE_TIMEOUT: Milliseconds = 10_000;
/** Many times what the words of the longest utterance take. */
const MAX_MESSAGE_BYTES = 2 ** 20;
/** RFC 6455, 7.4.1: the purpose of the connection has been fulfilled. */
const NORMAL_CLOSURE = 1_000;

function parse(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}

function toRefusal({ statusCode = 0, headers }: IncomingMessage): SttError {
  return httpSttError('ElevenLabs', { status: statusCode, headerOf: (name) => headers[name] });
}

function fromSocket(open: () => WebSocket): Observable<ElevenLabsEvent> {
  return new Observable((subscriber) => {
    const socket = open();
    socket.on('open', () =>
      subscriber.next({ type: 'open', send: (chunk) => socket.send(JSON.stringify(chunk)) }),
    );
    socket.on('message', (data) => subscriber.next({ type: 'message', message: parse(data) }));
    socket.on('unexpected-response', (_, response) => subscriber.error(toRefusal(response)));
    socket.on('error', (error) => subscriber.error(unreachableSttError('ElevenLabs', error)));
    socket.on('close', (code) => {
      subscriber.next({ type: 'closed', code });
      subscriber.complete();
    });
    return () => {
      socket.close(NORMAL_CLOSURE);
      // The server may take its time to agree.
      socket.terminate();
    };
  });
}

/**
 * One connection to Scribe's realtime endpoint. The server's words are parsed, and nothing more.
 *
 *     result  --o--m-m-(c|)      o: open, m: message, c: closed by the server
 *
 * Each subscription opens a connection of its own, and closes it at once when it ends. Errors:
 * SttError, by the status with which the handshake is refused (`httpSttError`), and `retry` where
 * there is no connection, or not within 10 s, or it breaks.
 */
export function fromElevenLabsSocket(
  url: URL,
  apiKey: string,
  handshakeTimeout = HANDSHAKE_TIMEOUT,
): Observable<ElevenLabsEvent> {
  return defer(() => import('ws')).pipe(
    switchMap((ws) =>
      fromSocket(
        () =>
          new ws.WebSocket(url, {
            headers: { 'xi-api-key': apiKey },
            handshakeTimeout,
            maxPayload: MAX_MESSAGE_BYTES,
            perMessageDeflate: false,
          }),
      ),
    ),
  );
}
