import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Observable, ReplaySubject } from 'rxjs';

/** A file, and how it is served. Everything but the body is the well-behaved case when missing. */
export interface Asset {
  readonly body: Uint8Array;
  /** HTTP status; 200 when missing. */
  readonly status?: number;
  /** Sent as they are: `ETag`, `Cache-Control`, `Content-Type` (else `audio/mpeg`), `Location`… */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds between the request and the first byte of the answer. */
  readonly delayMs?: number;
  /** Pace of the body; as fast as it goes when missing. */
  readonly bytesPerSecond?: number;
  /** The connection is torn after so many bytes of the body. */
  readonly tornAfterBytes?: number;
}

/** One request, as the asset server saw it. */
export interface AssetRequest {
  readonly name: string;
  readonly headers: IncomingMessage['headers'];
  /** How it ended: fully answered, or given up by one of the two sides before. */
  readonly ended: Promise<'answered' | 'aborted'>;
}

/** An HTTP server for audio files, on the loopback interface. */
export interface AssetServer {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** All requests so far, then those that follow. */
  readonly requests: Observable<AssetRequest>;
  /** Address under which an asset is served, whether or not there is one. */
  urlOf(name: string): string;
  /** Serves an asset under a name from now on; an ETag among its headers is honoured with 304. */
  put(name: string, asset: Asset): void;
  /** How often a name has been asked for. */
  count(name: string): number;
  close(): Promise<void>;
}

/** Starts an asset server on a free loopback port. */
export async function startAssetServer(
  assets: Readonly<Record<string, Asset>> = {},
): Promise<AssetServer> {
  const shelf = new Map(Object.entries(assets));
  const counts = new Map<string, number>();
  const requests = new ReplaySubject<AssetRequest>(Infinity);
  const server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname).slice(
      1,
    );
    counts.set(name, (counts.get(name) ?? 0) + 1);
    requests.next({ name, headers: request.headers, ended: endOf(response) });
    answer(shelf.get(name), request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    origin,
    requests,
    urlOf: (name) => `${origin}/${encodeURIComponent(name)}`,
    put: (name, asset) => void shelf.set(name, asset),
    count: (name) => counts.get(name) ?? 0,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      requests.complete();
    },
  };
}

function endOf(response: ServerResponse): AssetRequest['ended'] {
  return once(response, 'close').then(() => (response.writableFinished ? 'answered' : 'aborted'));
}

async function answer(
  asset: Asset | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (asset === undefined) return void response.writeHead(404).end('no such asset');
  const headers = { 'Content-Type': 'audio/mpeg', ...asset.headers };
  if (asset.delayMs !== undefined) await sleep(asset.delayMs);
  const etag = asset.headers?.ETag;
  if (etag !== undefined && request.headers['if-none-match'] === etag) {
    return void response.writeHead(304, headers).end();
  }
  response.writeHead(asset.status ?? 200, { 'Content-Length': asset.body.length, ...headers });
  await send(asset, response);
}

async function send(asset: Asset, response: ServerResponse): Promise<void> {
  const body = asset.body.subarray(0, asset.tornAfterBytes);
  const step = asset.bytesPerSecond === undefined ? body.length : asset.bytesPerSecond / 20;
  for (let sent = 0; sent < body.length && !response.destroyed; sent += step) {
    response.write(body.subarray(sent, sent + step));
    if (asset.bytesPerSecond !== undefined) await sleep(50);
  }
  if (asset.tornAfterBytes === undefined) response.end();
  else await new Promise((flushed) => response.write('', flushed)).then(() => response.destroy());
}
