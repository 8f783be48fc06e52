import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** What becomes of a request: an answer 500, no answer at all, a connection that is closed. */
export type ApiFault = 'error' | 'hang' | 'reset';

/** Stands between a bot, or a client, and the server API of LiveKit. */
export interface ApiProxy {
  /** `ws://127.0.0.1:PORT`, for `LIVEKIT_URL`; signal connections are passed on, too. */
  readonly url: string;
  /** Methods asked for so far, such as `UpdateSubscriptions`. */
  readonly asked: readonly string[];
  /** Fails these methods from now on, all of them where none is named; `undefined` heals. */
  fail(fault: ApiFault | undefined, ...methods: readonly string[]): void;
  close(): Promise<void>;
}

/** Starts a proxy in front of the server at a `ws://` address. */
export async function startApiProxy(serverUrl: string): Promise<ApiProxy> {
  const upstream = serverUrl.replace(/^ws/, 'http');
  const asked: string[] = [];
  let faultOf: (method: string) => ApiFault | undefined = () => undefined;
  const server = createServer((incoming, outgoing) => {
    const method = incoming.url?.split('/').at(-1) ?? '';
    asked.push(method);
    const fault = faultOf(method);
    if (fault === 'hang') return;
    if (fault === 'reset') return void incoming.socket.resetAndDestroy();
    if (fault === 'error') return void outgoing.writeHead(500).end();
    void forward(upstream, incoming, outgoing).catch(() => outgoing.destroy());
  }).listen(0, '127.0.0.1');
  const tunnels = new Set<Socket>();
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket) => {
    tunnels.add(socket);
    tunnel(serverUrl, incoming, socket);
  });
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    fail: (fault, ...methods) => {
      faultOf = (method) => (methods.length === 0 || methods.includes(method) ? fault : undefined);
    },
    close: async () => {
      server.closeAllConnections();
      tunnels.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}

async function forward(upstream: string, incoming: IncomingMessage, outgoing: ServerResponse) {
  const { method, headers, url = '' } = incoming;
  const forwarded = request(`${upstream}${url}`, { method, headers });
  const answered = once(forwarded, 'response') as Promise<[IncomingMessage]>;
  await pipeline(incoming, forwarded);
  const [answer] = await answered;
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, outgoing);
}

/** Passes a signal connection on, whichever end breaks it. */
function tunnel(serverUrl: string, { url = '', rawHeaders }: IncomingMessage, socket: Socket) {
  const { hostname, port } = new URL(serverUrl);
  const upstream = connect(Number(port), hostname);
  const headers = rawHeaders.map((text, index) => text + (index % 2 === 0 ? ': ' : '\r\n'));
  upstream.write(`GET ${url} HTTP/1.1\r\n${headers.join('')}\r\n`);
  for (const [from, to] of [
    [socket, upstream],
    [upstream, socket],
  ] as const) {
    from.on('error', () => undefined).on('close', () => to.destroy());
    from.pipe(to);
  }
}
