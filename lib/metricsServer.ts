import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { prometheusContentType } from 'prom-client';
import {
  defer,
  finalize,
  fromEvent,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  throwError,
} from 'rxjs';

type Exchange = [request: IncomingMessage, response: ServerResponse];

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
  return defer(() => {
    const server = createServer();
    const answered$ = (fromEvent(server, 'request') as Observable<Exchange>).pipe(
      mergeMap((exchange) => answer(exchange, read)),
      ignoreElements(),
    );
    const failed$ = (fromEvent(server, 'error') as Observable<Error>).pipe(
      mergeMap((cause) =>
        throwError(() => new Error(`metrics port ${port}: ${cause.message}`, { cause })),
      ),
    );
    const listening$ = fromEvent(server, 'listening').pipe(map(() => port));
    server.listen(port);
    return merge(answered$, failed$, listening$).pipe(
      finalize(() => {
        server.close();
        server.closeAllConnections();
      }),
    );
  });
}
