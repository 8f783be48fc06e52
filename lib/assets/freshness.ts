import CachePolicy from 'http-cache-semantics';
import type { Milliseconds } from '../../operators/types.js';
import type { AssetHead } from '../../streams/fromAsset.js';

/** For how long a response may be played again, as its server said. */
export interface Freshness {
  /** Whether it may be played without asking the server. */
  isFresh(): boolean;
  /** Request headers that ask whether it is still current; none where it has no validators. */
  readonly validators: Readonly<Record<string, string>> | undefined;
  /** The same response, after the server has said (`304`) that it is still current. */
  renew(head: AssetHead): Freshness;
}

/** Where the server says nothing at all: long enough for a burst of calls, short enough to correct an announcement. */
const UNSTATED: Milliseconds = 60_000;

const VALIDATORS = ['if-none-match', 'if-modified-since'];

function wrap(
  policy: CachePolicy,
  head: AssetHead,
  now: () => Milliseconds,
  request: CachePolicy.HttpRequest,
): Freshness {
  const says = 'cache-control' in head.headers || 'expires' in head.headers;
  const lifetime = Math.max(policy.timeToLive(), says ? 0 : UNSTATED);
  const expires = now() + lifetime;
  const conditional = Object.entries(policy.revalidationHeaders(request)).filter(([name]) =>
    VALIDATORS.includes(name),
  );
  return {
    isFresh: () => policy.storable() && now() < expires,
    validators:
      policy.storable() && conditional.length > 0
        ? (Object.fromEntries(conditional) as Record<string, string>)
        : undefined,
    renew(renewed) {
      const merged = { ...head, headers: { ...head.headers, ...renewed.headers } };
      return wrap(policy.revalidatedPolicy(request, renewed).policy, merged, now, request);
    },
  };
}

/**
 * Reads `Cache-Control`, `Expires`, `ETag` and `Last-Modified` (RFC 9111, as a private cache).
 *
 * Fresh for as long as the server says, a tenth of its age where it only tells that
 * (`Last-Modified`), and 60 s where it says nothing. `no-store` is never fresh and has no validators.
 *
 * @param now milliseconds on any clock.
 */
export function createFreshness(url: string, head: AssetHead, now: () => Milliseconds): Freshness {
  const request: CachePolicy.HttpRequest = { url, method: 'GET', headers: {} };
  return wrap(new CachePolicy(request, head, { shared: false }), head, now, request);
}
