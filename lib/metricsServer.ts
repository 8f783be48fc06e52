import { prometheusContentType } from 'prom-client';
import { mergeMap, type Observable } from 'rxjs';
import { type Exchange, serveHttp } from './serveHttp.js';

const PLAIN = 'text/plain';

/** Answers one request; with what went wrong, where the metrics cannot be had. */
async function answer([{ url }, response]: Exchange, read: () => Promise<string>): Promise<void> {
  const write = (status: number, type: string, text: string) =>
    response.writeHead(status, { 'content-type': type }).end(text);
  if (url !== '/metrics') return void write(404, PLAIN, 'not found\n');
  await read().then(
    (text) => write(200, prometheusContentType, text),
    (error: unknown) => write(500, PLAIN, `${String(error)}\n`),
  );
}

/**
 * Serves `/metrics` over HTTP, on all interfaces, while subscribed.
 *
 * @param read the metrics in Prometheus' text format; asked for each request.
 * @returns emits the port once it listens. Errors when the port cannot be had.
 */
export function serveMetrics(port: number, read: () => Promise<string>): Observable<number> {
  return serveHttp(
    port,
    'metrics',
    mergeMap((exchange) => answer(exchange, read)),
  );
}
