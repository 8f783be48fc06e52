import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BehaviorSubject, type Observable } from 'rxjs';

/** An answer to an HTTP request. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is, as HTML; anything else as JSON. */
  readonly body: unknown;
}

/** What goes wrong with a request, or with the handshake of a WebSocket, whatever it asks for. */
export interface HttpFault {
  /** Answered instead of what the request deserves. */
  readonly answer?: HttpAnswer;
  /** The answer stops for good: before its head, or in the middle of its body. */
  readonly hangs?: 'head' | 'body';
  /** The connection is torn in the middle of the body. */
  readonly torn?: boolean;
}

/** What a provider's server does. */
export interface StandInHandlers {
  /** Rejects with a Refusal for all but success. */
  readonly answer: (request: IncomingMessage) => Promise<HttpAnswer>;
  /** Takes a WebSocket over. Throws a Refusal. */
  readonly upgrade?: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
}

/** How a stand-in behaves. */
export interface StandInOptions {
  /** Milliseconds that an answer takes; 0 when missing. */
  readonly delayMs?: number;
}

/** A provider's server on the loopback interface. */
export interface StandInServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** How many requests have come so far, those for a WebSocket included. */
  readonly requests: () => number;
  /** How many requests and WebSockets are open now, at once, then each change. */
  readonly open: Observable<number>;
  /** What goes wrong from now on, with so many requests (with all by default); or nothing. */
  readonly fail: (fault: HttpFault | undefined, times?: number) => void;
  readonly close: () => Promise<void>;
}

/** What a request is answered with instead of success. */
export class Refusal extends Error {
  constructor(readonly answer: HttpAnswer) {
    super(`status ${answer.status}`);
  }
}

/** Faults, each in force for a number of times. */
export function createFaults<T>() {
  let [current, left]: [T | undefined, number] = [undefined, 0];
  return {
    set: (fault: T | undefined, times = Infinity) => void ([current, left] = [fault, times]),
    next: (): T | undefined => (left-- > 0 ? current : undefined),
  };
}

/** Starts a server on a free loopback port. */
export async function startStandInServer(
  { answer, upgrade }: StandInHandlers,
  { delayMs = 0 }: StandInOptions,
): Promise<StandInServer> {
  const faults = createFaults<HttpFault>();
  const open = new BehaviorSubject(0);
  const upgraded = new Set<Socket>();
  let requests = 0;
  const begin = (closing: ServerResponse | Socket) => {
    requests += 1;
    open.next(open.value + 1);
    closing.once('close', () => open.next(open.value - 1));
    return faults.next() ?? {};
  };
  const http = createServer((request, response) => {
    const fault = begin(response);
    answer(request)
      .catch(toAnswer)
      .then(async (deserved) => {
        if (delayMs > 0) await sleep(delayMs);
        send(response, fault.answer ?? deserved, fault);
      })
      .catch(() => response.destroy());
  });
  http.on('upgrade', (request: IncomingMessage, socket: Socket, head) => {
    const fault = begin(socket);
    upgraded.add(socket.once('close', () => upgraded.delete(socket)));
    // A client may give up at any moment.
    socket.on('error', () => undefined);
    // The end is noticed by who reads, and is not the end of what is written.
    if (fault.hangs) return void socket.resume().once('end', () => socket.destroy());
    try {
      if (fault.answer) throw new Refusal(fault.answer);
      upgrade?.(request, socket, head);
    } catch (error) {
      refuseUpgrade(socket, toAnswer(error));
    }
  });
  const url = await listen(http);
  const close = async () => {
    const closed = once(http, 'close');
    http.close();
    http.closeAllConnections();
    for (const socket of upgraded) socket.destroy();
    await closed;
  };
  return { url, requests: () => requests, open, fail: faults.set, close };
}

async function listen(http: Server): Promise<string> {
  await once(http.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

function toAnswer(error: unknown): HttpAnswer {
  return error instanceof Refusal ? error.answer : { status: 500, body: String(error) };
}

/** Head and body of an answer. */
function encode({ body, headers }: HttpAnswer) {
  const isText = typeof body === 'string';
  const bytes = Buffer.from(isText ? body : JSON.stringify(body));
  const about = { 'content-length': bytes.length, ...headers };
  return {
    bytes,
    headers: { 'content-type': isText ? 'text/html' : 'application/json', ...about },
  };
}

function send(response: ServerResponse, answer: HttpAnswer, { hangs, torn }: HttpFault): void {
  if (hangs === 'head') return;
  const { headers, bytes } = encode(answer);
  response.writeHead(answer.status, headers);
  const half = bytes.subarray(0, bytes.length / 2);
  if (hangs === 'body') response.write(half);
  else if (torn) response.write(half, () => response.destroy());
  else response.end(bytes);
}

function refuseUpgrade(socket: Socket, answer: HttpAnswer): void {
  const { headers, bytes } = encode(answer);
  const lines = Object.entries({ ...headers, connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.end(
    `HTTP/1.1 ${answer.status} Refused\r\n${lines.join('\r\n')}\r\n\r\n${bytes.toString()}`,
  );
}
