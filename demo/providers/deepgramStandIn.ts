import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { BehaviorSubject, type Observable, ReplaySubject } from 'rxjs';
import { WebSocketServer } from 'ws';
import type { DeepgramFault, DeepgramRefusal } from './deepgramFault.js';
import { DeepgramListener, type ListenerOptions } from './deepgramListener.js';
import { refusalOf } from './deepgramRequest.js';
import type { PhraseBook } from './phraseBook.js';
import { createFaults } from './standInServer.js';

/** How the stand-in behaves. */
export interface DeepgramStandInOptions {
  /** The one key that it takes. */
  readonly apiKey: string;
  readonly phraseBook: PhraseBook;
  /** Milliseconds that an answer takes; 0 when missing. */
  readonly delayMs?: number;
  /** Milliseconds without a word after which a connection is closed; 10 s, as Deepgram, when missing. */
  readonly idleMs?: number;
}

/** Deepgram's live transcription on the loopback interface. */
export interface DeepgramStandIn {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** How many connections have been asked for so far. */
  readonly requests: () => number;
  /** How many connections, refused ones included, are open now, at once, then each change. */
  readonly open: Observable<number>;
  /** Seconds of audio that it has listened to. */
  readonly audioSeconds: () => number;
  /** The parameters of each request for a connection so far. */
  readonly queries: () => readonly URLSearchParams[];
  /** The types of all text messages so far, then those of the ones that come. */
  readonly messages: Observable<string>;
  /** The codes with which connections have been closed so far, then those to come; 1006: torn. */
  readonly closes: Observable<number>;
  /** What goes wrong from now on, with so many connections (default: with all); `undefined`: nothing. */
  readonly fail: (fault: DeepgramFault | undefined, times?: number) => void;
  readonly close: () => Promise<void>;
}

/** Starts a stand-in for Deepgram: it listens to what it is sent, and refuses what Deepgram would. */
export async function startDeepgramStandIn(
  options: DeepgramStandInOptions,
): Promise<DeepgramStandIn> {
  const faults = createFaults<DeepgramFault>();
  const sockets = createSockets();
  const messages = new ReplaySubject<string>(Infinity);
  const closes = new ReplaySubject<number>(Infinity);
  const queries: URLSearchParams[] = [];
  let audioSeconds = 0;
  const listen = upgrader(options, {
    onAudio: (seconds) => void (audioSeconds += seconds),
    onRequest: (type) => messages.next(type),
    onClose: (code) => closes.next(code),
  });
  const http = createServer((_, response) => response.writeHead(426).end());
  http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    queries.push(query);
    sockets.add(socket);
    listen({ request, socket, head, query, fault: faults.next() });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests: () => queries.length,
    open: sockets.count,
    audioSeconds: () => audioSeconds,
    queries: () => queries,
    messages,
    closes,
    fail: faults.set,
    close: async () => {
      const closed = once(http, 'close');
      http.close();
      sockets.destroy();
      await closed;
    },
  };
}

/** Keeps count of the sockets that are open. */
function createSockets() {
  const sockets = new Set<Socket>();
  const count = new BehaviorSubject(0);
  return {
    count,
    add: (socket: Socket) => {
      // A client may give up at any moment.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        count.next(sockets.size);
      });
      count.next(sockets.add(socket).size);
    },
    destroy: () => sockets.forEach((socket) => socket.destroy()),
  };
}

/** A request for a connection. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly query: URLSearchParams;
  readonly fault: DeepgramFault | undefined;
}

/** What becomes of a request for a connection. */
function upgrader(
  { apiKey, phraseBook, delayMs = 0, idleMs = 10_000 }: DeepgramStandInOptions,
  observer: Pick<ListenerOptions, 'onAudio' | 'onClose' | 'onRequest'>,
): (upgrade: Upgrade) => void {
  const server = new WebSocketServer({ noServer: true });
  return ({ request, socket, head, query, fault }) => {
    const refusal = fault?.type === 'refuse' ? fault : refusalOf(request, apiKey);
    // Nobody reads any more, and yet it shall be seen when the client gives up.
    if (fault?.type === 'stall') socket.resume().once('end', () => socket.end());
    else if (refusal) refuse(socket, refusal);
    else {
      const reset = () => void socket.resetAndDestroy();
      const options = { query, fault, phraseBook, delayMs, idleMs, reset, ...observer };
      server.handleUpgrade(request, socket, head, (webSocket) => {
        new DeepgramListener(webSocket, options);
      });
    }
  };
}

function refuse(socket: Socket, { status, code, message, retryAfter }: DeepgramRefusal): void {
  const body = JSON.stringify({ err_code: code, err_msg: message, request_id: randomUUID() });
  const head = [
    `HTTP/1.1 ${status} Refused`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `dg-error: ${message}`,
    ...(retryAfter === undefined ? [] : [`retry-after: ${retryAfter}`]),
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
