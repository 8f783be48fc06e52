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
  tap,
  throwError,
  withLatestFrom,
} from 'rxjs';

type Exchange = [request: IncomingMessage, response: ServerResponse];

const answer = ({ url = '/' }: IncomingMessage, unready: string | undefined) => {
  if (url === '/livez') return { status: 200, text: 'alive' };
  if (url !== '/readyz') return { status: 404, text: 'not found' };
  return unready === undefined ? { status: 200, text: 'ready' } : { status: 503, text: unready };
};

/**
 * Answers the probes of an orchestrator over HTTP, on all interfaces, while subscribed.
 *
 * `/livez` is 200 as long as this process turns: LiveKit's absence is no reason to restart it.
 * `/readyz` is 200 when a call would be taken, else 503 with the reason in words.
 *
 * @param unready$ why no call would be taken, or undefined; starts with the present state.
 * @returns emits the port once it listens. Errors when the port cannot be had.
 */
export function serveHealth(
  port: number,
  unready$: Observable<string | undefined>,
): Observable<number> {
  return defer(() => {
    const server = createServer();
    const answered$ = (fromEvent(server, 'request') as Observable<Exchange>).pipe(
      withLatestFrom(unready$),
      tap(([[request, response], unready]) => {
        const { status, text } = answer(request, unready);
        response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
      }),
      ignoreElements(),
    );
    const failed$ = (fromEvent(server, 'error') as Observable<Error>).pipe(
      mergeMap((cause) =>
        throwError(() => new Error(`health port ${port}: ${cause.message}`, { cause })),
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
