import type { IncomingMessage } from 'node:http';
import { type Observable, pipe, tap, withLatestFrom } from 'rxjs';
import { serveHttp } from './serveHttp.js';

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
  return serveHttp(
    port,
    'health',
    pipe(
      withLatestFrom(unready$),
      tap(([[request, response], unready]) => {
        const { status, text } = answer(request, unready);
        response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
      }),
    ),
  );
}
