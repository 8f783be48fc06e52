import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  defer,
  finalize,
  fromEvent,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  type OperatorFunction,
  throwError,
} from 'rxjs';

/** A request and where its answer is written. */
export type Exchange = [request: IncomingMessage, response: ServerResponse];

/**
 * Answers HTTP on all interfaces while subscribed.
 *
 *     answer   -----a--a------      of each request
 *     result   -p-------------      p: the port, once it listens
 *
 * @param name of the port, for the error.
 * @param answer writes the response of each exchange.
 * @returns errors when the port cannot be had.
 */
export function serveHttp(
  port: number,
  name: string,
  answer: OperatorFunction<Exchange, unknown>,
): Observable<number> {
  return defer(() => {
    const server = createServer();
    const answered$ = (fromEvent(server, 'request') as Observable<Exchange>).pipe(
      answer,
      ignoreElements(),
    );
    const failed$ = (fromEvent(server, 'error') as Observable<Error>).pipe(
      mergeMap((cause) =>
        throwError(() => new Error(`${name} port ${port}: ${cause.message}`, { cause })),
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
