import type { IncomingMessage } from 'node:http';
import { type WebhookEvent, WebhookReceiver } from 'livekit-server-sdk';
import { defer, ignoreElements, merge, mergeMap, type Observable, Subject } from 'rxjs';
import type { LiveKitSettings } from './config.js';
import type { Logger } from './logger.js';
import { MEBIBYTE } from './memory.js';
import type { WorkerMetrics } from './metricsWorker.js';
import { type Exchange, serveHttp } from './serveHttp.js';

/** What receiving webhooks needs. */
export interface WebhookDeps {
  readonly livekit: LiveKitSettings;
  readonly logger: Logger;
  /** Told of each request. */
  readonly metrics: Pick<WorkerMetrics, 'webhook'>;
}

/** An event with a room and a participant has some 2 KiB. */
const MAX_BODY = MEBIBYTE;

/** Why a request is answered with another status than 200; its message holds nothing secret. */
class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** What is too long is read to its end all the same: whoever still writes does not hear an answer. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  if (size > MAX_BODY) throw new Refusal(413, `longer than ${MAX_BODY} bytes`);
  return Buffer.concat(chunks).toString();
}

async function read(request: IncomingMessage, receiver: WebhookReceiver): Promise<WebhookEvent> {
  if (request.url !== '/') throw new Refusal(404, 'not found');
  if (request.method !== 'POST') throw new Refusal(405, 'not a POST');
  const body = await bodyOf(request);
  return receiver.receive(body, request.headers.authorization).catch((error: unknown) => {
    // The signature comes first; what the parsers say quotes the body.
    if (String(error).includes('JSON')) throw new Refusal(400, 'signed, but no event');
    throw new Refusal(401, (error as Error).message);
  });
}

/**
 * Receives LiveKit's webhooks over HTTP (`POST /`), on all interfaces, while subscribed.
 *
 * What is not signed with the settings' key and secret, within its time and for this very body, is
 * refused with 401, what is no webhook with 400, 404, 405 or 413; each is logged. An event is answered
 * with 200 before it is emitted, for LiveKit waits for the answer with all further events.
 *
 * @returns errors when the port cannot be had.
 * @see https://docs.livekit.io/home/server/webhooks
 */
export function serveWebhooks(
  port: number,
  { livekit, logger, metrics }: WebhookDeps,
): Observable<WebhookEvent> {
  const receiver = new WebhookReceiver(livekit.apiKey, livekit.apiSecret);
  async function answer([request, response]: Exchange, event$: Subject<WebhookEvent>) {
    // A connection for each: kept ones would lead to the same pod for ever, be it lost.
    response.setHeader('connection', 'close');
    try {
      const event = await read(request, receiver);
      response.writeHead(200).end();
      metrics.webhook('received');
      event$.next(event);
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 400;
      logger.warn('webhook refused', { status, error });
      metrics.webhook('refused');
      response.writeHead(status, { 'content-type': 'text/plain' }).end(`${status}\n`);
    }
  }
  return defer(() => {
    const event$ = new Subject<WebhookEvent>();
    const served$ = serveHttp(
      port,
      'webhook',
      mergeMap((exchange) => answer(exchange, event$)),
    );
    return merge(event$, served$.pipe(ignoreElements()));
  });
}
