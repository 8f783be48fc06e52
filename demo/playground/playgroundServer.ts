import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

import { type z, ZodError } from 'zod';

import type { Backstage } from '../backstage.js';
import { freePort } from '../freePort.js';
import { mintToken } from '../participants/mintToken.js';
import { loadPhrases, type Phrase } from '../providers/phrases/loadPhrases.js';
import { bundlePage, type PageFile } from './bundlePage.js';
import { carryOut } from './carryOut.js';
import { createCurrentCall, type CurrentCall } from './currentCall.js';
import { type About, command, type JoinAnswer, joinRequest } from './requests.js';

/** A page that asked joins at once; LiveKit renews the token of whoever is in the room. */
const TOKEN_TTL = '1m';
const PHRASES = new URL('../providers/phrases/', import.meta.url);

/** The playground's web server, on the loopback interface. */
export interface PlaygroundServer {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** Closes the call as well. */
  readonly close: () => Promise<void>;
}

/** What a request is answered with. */
interface Answer extends Omit<PageFile, 'body'> {
  readonly status: number;
  readonly body: string | Buffer;
}

/** Serves the page, and does what its buttons ask for. */
export async function startPlaygroundServer(
  backstage: Omit<Backstage, 'bot'>,
): Promise<PlaygroundServer> {
  const phrases = await loadPhrases();
  const site: Site = {
    backstage,
    phrases,
    page: await bundlePage(),
    call: createCurrentCall(backstage.server),
  };
  const port = await freePort();
  const headers = securityHeaders(backstage.server.url);
  const server = createServer((request, response) => {
    void answer(site, request, port).then(({ status, type, body }) => {
      send(response, status, { ...headers, 'Content-Type': type }, body);
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await site.call.close();
    },
  };
}

/** What there is to be served. */
interface Site {
  readonly backstage: Omit<Backstage, 'bot'>;
  readonly phrases: readonly Phrase[];
  readonly page: Readonly<Record<string, PageFile>>;
  readonly call: CurrentCall;
}

async function answer(site: Site, request: IncomingMessage, port: number): Promise<Answer> {
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  // Whoever makes a name of their own resolve to this machine must not reach it by that name.
  if (!own.includes(request.headers.host ?? '')) return refusal(421, 'No such host here.');
  try {
    const { pathname } = new URL(`http://localhost${request.url ?? '/'}`);
    if (request.method === 'GET') return await get(site, pathname);
    if (request.method !== 'POST') return refusal(405, 'Only GET and POST.');
    // Nor may other sites have a visitor's browser press the buttons.
    const origins = own.map((host) => `http://${host}`);
    if (!origins.includes(request.headers.origin ?? '')) return refusal(403, 'No such origin.');
    return await post(site, pathname, request);
  } catch (cause) {
    return refusalOf(cause);
  }
}

function refusalOf(cause: unknown): Answer {
  const words = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof ZodError || cause instanceof SyntaxError) return refusal(400, words);
  const isUnreachable = cause instanceof TypeError && words === 'fetch failed';
  if (isUnreachable)
    return refusal(502, 'The LiveKit server does not answer. Start the playground anew.');
  return refusal(409, words);
}

async function get({ page, phrases, backstage }: Site, path: string): Promise<Answer> {
  const file = page[path];
  if (file !== undefined) return { status: 200, ...file };
  if (path === '/about') {
    const about: About = {
      standIns: [...backstage.speech.standIns],
      phrases: phrases.map(({ file, text, language }) => ({ file, text, language })),
    };
    return asJson(about);
  }
  const phrase = phrases.find(({ file }) => path === `/phrases/${file}`);
  if (phrase === undefined) return refusal(404, 'No such page.');
  return { status: 200, type: 'audio/wav', body: await readFile(new URL(phrase.file, PHRASES)) };
}

async function post(
  { call, backstage }: Site,
  path: string,
  request: IncomingMessage,
): Promise<Answer> {
  const { server, assets } = backstage;
  if (path === '/join') {
    const { as } = await read(request, joinRequest);
    const { room } = await call.open();
    const token = await mintToken(server, { room, identity: as, ttl: TOKEN_TTL });
    return asJson({ url: server.url, token, room } satisfies JoinAnswer);
  }
  if (path !== '/command') return refusal(404, 'No such page.');
  const asked = await read(request, command);
  const present = await call.present();
  if (present === undefined) return refusal(409, 'There is no call: join it first.');
  await carryOut(present, assets, asked);
  return asJson({});
}

async function read<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(await json(request));
}

function asJson(value: object): Answer {
  return { status: 200, type: 'application/json', body: JSON.stringify(value) };
}

function refusal(status: number, words: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: words };
}

/** The page may reach this server and LiveKit, and nothing else. */
function securityHeaders(livekit: string): Record<string, string> {
  const connect = `'self' ${livekit} ${livekit.replace(/^ws/, 'http')}`;
  return {
    'Cache-Control': 'no-store',
    'Content-Security-Policy':
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; media-src blob:; ` +
      `connect-src ${connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
): void {
  response.writeHead(status, headers).end(body);
}
