import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { MediaErrorCode } from '../operators/mediaError.js';
import type { Milliseconds } from '../operators/types.js';

/** How a request for an asset ended; `aborted`: nobody wanted it any more. */
export type FetchOutcome = 'fetched' | 'not_modified' | 'aborted' | MediaErrorCode;

/**
 * What was found when an asset was to be played: `hit`, it was kept and fresh; `revalidated`, it was
 * kept, and its server said that it is still the same; `miss`, it had to come from the server.
 */
export type CacheResult = 'hit' | 'revalidated' | 'miss';

/** Where assets are kept: decoded, or compressed. */
export type CacheTier = 'memory' | 'disk';

/** Told what becomes of assets. */
export interface AssetMetrics {
  /** A request for an asset is over, so long after it was made. */
  fetched(outcome: FetchOutcome, after: Milliseconds): void;
  /** An asset was looked for in the cache. */
  lookedUp(result: CacheResult): void;
  /** The first sound of an asset was let out, so long after it was asked for. */
  began(result: CacheResult, after: Milliseconds): void;
  /** So much is kept now. */
  cached(tier: CacheTier, bytes: number): void;
}

/** What a request that went well has ended with, and the failures that are an asset's own. */
const SERVED = ['fetched', 'not_modified'] as const satisfies readonly FetchOutcome[];
const FAILED = [
  'asset_refused',
  'asset_unreachable',
  'asset_too_large',
  'asset_undecodable',
] as const satisfies readonly FetchOutcome[];
const RESULTS = ['hit', 'revalidated', 'miss'] as const satisfies readonly CacheResult[];
const TIERS = ['memory', 'disk'] as const satisfies readonly CacheTier[];

/** From a server next door to a large asset on a slow line: the whole body counts. */
const FETCH_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From what is in memory to a server that nearly takes too long: 10 s to its first byte. */
const BEGIN_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Creates the metrics of assets in a registry. */
export function createAssetMetrics(registry: Registry): AssetMetrics {
  const bytes = new Gauge({
    name: 'media_bot_asset_cache_bytes',
    help: 'Bytes of assets kept, decoded in memory or compressed on disk',
    labelNames: ['tier'],
    registers: [registry],
  });
  const lookups = new Counter({
    name: 'media_bot_asset_cache_lookups_total',
    help: 'Assets that were to be played by result: hit, revalidated (asked for, and unchanged) or miss',
    labelNames: ['result'],
    registers: [registry],
  });
  const beginnings = new Histogram({
    name: 'media_bot_first_audio_seconds',
    help: 'From taking up a play command to its first frame at the output, by source: cache or fetch',
    labelNames: ['source'],
    buckets: BEGIN_SECONDS,
    registers: [registry],
  });
  for (const tier of TIERS) bytes.set({ tier }, 0);
  for (const result of RESULTS) lookups.inc({ result }, 0);
  for (const source of ['cache', 'fetch']) beginnings.zero({ source });
  return {
    ...createFetchMetrics(registry),
    lookedUp: (result) => lookups.inc({ result }),
    began: (result, after) =>
      beginnings.observe({ source: result === 'hit' ? 'cache' : 'fetch' }, after / 1000),
    cached: (tier, size) => bytes.set({ tier }, size),
  };
}

function createFetchMetrics(registry: Registry): Pick<AssetMetrics, 'fetched'> {
  const fetches = new Counter({
    name: 'media_bot_asset_fetches_total',
    help: 'Requests for assets by outcome: fetched, not_modified, aborted or an error code',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'media_bot_asset_fetch_seconds',
    help: 'From a request for an asset to its last byte, of requests that were served',
    labelNames: ['outcome'],
    buckets: FETCH_SECONDS,
    registers: [registry],
  });
  for (const outcome of [...SERVED, 'aborted', ...FAILED]) fetches.inc({ outcome }, 0);
  for (const outcome of SERVED) seconds.zero({ outcome });
  return {
    fetched: (outcome, after) => {
      fetches.inc({ outcome });
      if (SERVED.some((served) => served === outcome)) seconds.observe({ outcome }, after / 1000);
    },
  };
}
