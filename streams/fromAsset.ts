import { lookup as resolve, type LookupAddress, type LookupAllOptions } from 'node:dns';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { LookupFunction } from 'node:net';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import got, { type OptionsInit, type Request, RequestError } from 'got';
import {
  catchError,
  concat,
  defer,
  filter,
  finalize,
  identity,
  interval,
  map,
  type MonoTypeOperatorFunction,
  Observable,
  of,
  pairwise,
  repeat,
  retry,
  startWith,
  switchMap,
  takeUntil,
  takeWhile,
  tap,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import { MediaError } from '../operators/mediaError.js';
import type { Milliseconds } from '../operators/types.js';

/** Decides what may be fetched. Both throw a MediaError `asset_refused` to forbid. */
export interface AssetPolicy {
  /** Whether a request may be made at all, as far as its address tells. */
  checkUrl(url: URL): void;
  /** Whether that request may connect to `address`, a numeric IP address. */
  checkAddress(url: URL, address: string): void;
}

/** Resolves a name to all of its addresses, like `dns.lookup`, which gives none beside an error. */
export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses?: LookupAddress[]) => void,
) => void;

/** How long a server may take. */
export interface Deadlines {
  /** For each of name, connection and TLS. */
  readonly connect: Milliseconds;
  /** From the request to the response's head, redirects and all before it included. */
  readonly firstByte: Milliseconds;
  /** Without a byte, or with fewer than `SLOWEST` bytes. */
  readonly stall: Milliseconds;
}

/** What a fetch is bound to. */
export interface FetchOptions {
  readonly policy: AssetPolicy;
  /** Largest asset, on the wire and decompressed alike. */
  readonly maxBytes: number;
  /** Request headers: validators of a copy that the caller has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For tests, which resolve names of their own; the system's resolver unless told. */
  readonly lookup?: LookupAll;
  readonly deadlines?: Deadlines;
  /** Applied to each piece of the body; the next is read when it has completed. Default: none waits. */
  readonly pace?: MonoTypeOperatorFunction<Uint8Array>;
}

/** The response's head: `304` (only where validators were sent) has no body, `200` is followed by it. */
export interface AssetHead {
  readonly status: 200 | 304;
  readonly headers: IncomingHttpHeaders;
}

/** One head, then the body piece by piece. */
export type AssetPart = AssetHead | Uint8Array;

/** Contract: a caller who waits longer hears a hold tone. */
const DEADLINES: Deadlines = { connect: 5_000, firstByte: 10_000, stall: 10_000 };
/** Bytes per stall time: half of 8 kbit/s, the lowest MPEG rate, in 10 s. Slower can never play. */
const SLOWEST = 5_000;
/** More than any content network needs; loops end here. */
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** A name server or balancer that fails for a moment. */
const RETRY_DELAY: Milliseconds = 250;
/** Failures of the way to the server, before it has seen the request. */
const PASSING: ReadonlySet<string> = new Set(
  'EAI_AGAIN ECONNREFUSED ECONNRESET EHOSTUNREACH ENETUNREACH EPIPE'.split(' '),
);
const DECOMPRESS: Readonly<Record<string, (() => NodeJS.ReadWriteStream & Readable) | undefined>> =
  {
    gzip: createGunzip,
    'x-gzip': createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  };

/** The failed connection's code rides along in `cause`, not got's error: that holds the signed URL. */
const unreachable = (url: URL, why: string) =>
  new MediaError('asset_unreachable', `${url.origin}${url.pathname}: ${why}`, { cause: why });
const tooLarge = (url: URL, maxBytes: number) =>
  new MediaError('asset_too_large', `${url.origin}${url.pathname}: more than ${maxBytes} bytes`);

function toMediaError(url: URL, error: unknown): MediaError {
  if (error instanceof MediaError) return error;
  if (!(error instanceof RequestError)) {
    return new MediaError('asset_undecodable', `${url.origin}${url.pathname}: broken compression`);
  }
  return error.cause instanceof MediaError ? error.cause : unreachable(url, error.code);
}

/** Checks every address a name has, and hands on those very addresses: nothing resolves it twice. */
const guardLookup =
  (url: URL, { policy, lookup = resolve }: FetchOptions): LookupFunction =>
  (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, addresses = []) => {
      try {
        const [first] = addresses;
        if (error || !first) throw error ?? unreachable(url, 'the name has no address');
        for (const { address } of addresses) policy.checkAddress(url, address);
        if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      } catch (refusal) {
        callback(refusal as NodeJS.ErrnoException, []);
      }
    });

/** No pool: a kept connection would have been checked by another policy. */
const gotOptions = (url: URL, options: FetchOptions) => {
  const { connect } = options.deadlines ?? DEADLINES;
  return {
    headers: { 'accept-encoding': 'identity', ...options.headers },
    agent: { http: false, https: false },
    dnsLookup: guardLookup(url, options),
    timeout: { lookup: connect, connect, secureConnect: connect },
    decompress: false,
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
  } satisfies OptionsInit;
};

interface Answer {
  readonly download: Request;
  readonly response: IncomingMessage;
}

/** One request, aborted on unsubscription. Once there is a response, failures are the body's. */
function request(url: URL, options: FetchOptions): Observable<Answer> {
  return new Observable<Answer>((subscriber) => {
    const download = got.stream(url, gotOptions(url, options));
    download.on(
      'error',
      (error) => download.response ?? subscriber.error(toMediaError(url, error)),
    );
    download.on('downloadProgress', ({ transferred }) => {
      if (transferred > options.maxBytes) download.destroy(tooLarge(url, options.maxBytes));
    });
    download.once('response', (response: IncomingMessage) =>
      subscriber.next({ download, response }),
    );
    download.once('end', () => subscriber.complete());
    download.once('close', () => subscriber.complete());
    return () => void download.destroy();
  });
}

const END = new Uint8Array();

/** Reads a piece when the one before has passed `pace`, so nothing piles up here. */
function fromReadable(
  stream: Readable,
  pace: MonoTypeOperatorFunction<Uint8Array>,
): Observable<Uint8Array> {
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  return defer(() => pieces.next()).pipe(
    switchMap(({ value }) => (value === undefined ? of(END) : of(value).pipe(pace))),
    repeat(),
    takeWhile((bytes) => bytes !== END),
    finalize(() => stream.destroy()),
  );
}

/** The body, decompressed where the server insisted on compressing it, and never past `maxBytes`. */
function bodyOf({ download, response }: Answer, url: URL, options: FetchOptions) {
  const { maxBytes, pace = identity } = options;
  if (Number(response.headers['content-length']) > maxBytes) throw tooLarge(url, maxBytes);
  const decompress = DECOMPRESS[response.headers['content-encoding'] ?? ''];
  const readable = decompress ? pipeline(download, decompress(), () => undefined) : download;
  let received = 0;
  const limit = tap(({ length }: Uint8Array) => {
    if ((received += length) > maxBytes) throw tooLarge(url, maxBytes);
  });
  return fromReadable(readable, (piece$) => piece$.pipe(limit, pace)).pipe(
    catchError((error: unknown) => throwError(() => toMediaError(url, error))),
  );
}

function waitIfPassing(error: unknown): Observable<unknown> {
  const passing = error instanceof MediaError && PASSING.has(String(error.cause));
  return passing ? timer(RETRY_DELAY) : throwError(() => error as Error);
}

/** Redirects are followed here, not by the client: each is a new request under the same policy. */
function follow(url: URL, options: FetchOptions, redirects: number): Observable<AssetPart> {
  return defer(() => {
    options.policy.checkUrl(url);
    return request(url, options);
  }).pipe(
    retry({ count: 1, delay: waitIfPassing }),
    switchMap((answer) => {
      const { statusCode: status = 0, headers } = answer.response;
      if (status === 200)
        return concat(of({ status, headers } as const), bodyOf(answer, url, options));
      answer.download.destroy();
      if (status === 304) return of({ status, headers } as const);
      if (!REDIRECTS.has(status) || !headers.location) throw unreachable(url, `status ${status}`);
      if (redirects === 0) throw unreachable(url, 'too many redirects');
      return follow(parse(headers.location, url), options, redirects - 1);
    }),
  );
}

/** Errors on a drip too: bytes so few that no single pause betrays that they can never play. */
function refuseDrip(
  span: Milliseconds,
  tooSlow: () => MediaError,
): MonoTypeOperatorFunction<AssetPart> {
  return (source$) =>
    defer(() => {
      let received = 0;
      const drip$ = interval(span).pipe(
        map(() => received),
        startWith(0),
        pairwise(),
        filter(([before, now]) => now - before < SLOWEST),
        switchMap(() => throwError(() => tooSlow())),
      );
      return source$.pipe(
        tap((part) => (received += part instanceof Uint8Array ? part.length : 0)),
        takeUntil(drip$), // passes on its error
      );
    });
}

function parse(address: string, base?: URL): URL {
  if (URL.canParse(address, base?.href)) return new URL(address, base);
  throw new MediaError('asset_refused', 'not a valid address');
}

/**
 * An asset as it arrives: the response's head, then its body.
 *
 *     result  ----h-b-b--b-b|      h: head (200 or 304), b: bytes
 *
 * Cold: each subscription is one request, aborted at once on unsubscription. A connection that fails
 * before the server has seen the request is tried once more: a hold would otherwise lose its music to
 * one dropped packet. No other failure is retried. An empty body is none here; the decoder's
 * `flush` reports it (`asset_undecodable`).
 *
 * @param address absolute URL. The policy sees it, every redirect's target, and every IP address
 *   before the connection is made to that very address.
 * @returns errors with a MediaError whose text holds neither query nor credentials:
 *   `asset_refused` (policy, malformed address), `asset_too_large` (declared, on the wire or
 *   decompressed), `asset_undecodable` (broken compression), `asset_unreachable` (all else: name,
 *   connection, TLS, status, body cut short, deadlines).
 */
export function fromAsset(address: string, options: FetchOptions): Observable<AssetPart> {
  const { firstByte, stall } = options.deadlines ?? DEADLINES;
  return defer(() => {
    const url = parse(address);
    const tooSlow = () => unreachable(url, 'too slow');
    return follow(url, options, MAX_REDIRECTS).pipe(
      timeout({ first: firstByte, each: stall, with: () => throwError(() => tooSlow()) }),
      refuseDrip(stall, tooSlow),
    );
  });
}
