import { Counter, Gauge, type Registry } from 'prom-client';
import type { MediaErrorCode } from '../operators/mediaError.js';

/** How a request for an asset ended; `aborted`: nobody wanted it any more. */
export type FetchOutcome = 'fetched' | 'not_modified' | 'aborted' | MediaErrorCode;

/** Where assets are kept: decoded, or compressed. */
export type CacheTier = 'memory' | 'disk';

/** Told what becomes of assets. */
export interface AssetMetrics {
  /** A request for an asset is over. */
  fetched(outcome: FetchOutcome): void;
  /** So much is kept now. */
  cached(tier: CacheTier, bytes: number): void;
}

/** Creates the metrics of assets in a registry. */
export function createAssetMetrics(registry: Registry): AssetMetrics {
  const fetches = new Counter({
    name: 'media_bot_asset_fetches_total',
    help: 'Requests for assets by outcome: fetched, not_modified, aborted or an error code',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const bytes = new Gauge({
    name: 'media_bot_asset_cache_bytes',
    help: 'Bytes of assets kept, decoded in memory or compressed on disk',
    labelNames: ['tier'],
    registers: [registry],
  });
  for (const outcome of ['fetched', 'not_modified', 'aborted']) fetches.inc({ outcome }, 0);
  for (const tier of ['memory', 'disk']) bytes.set({ tier }, 0);
  return {
    fetched: (outcome) => fetches.inc({ outcome }),
    cached: (tier, size) => bytes.set({ tier }, size),
  };
}
