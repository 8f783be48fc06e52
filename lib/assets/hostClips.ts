import { tmpdir } from 'node:os';
import { fromAsset } from '../../streams/fromAsset.js';
import { createAssetPolicy } from './assetPolicy.js';
import { type Clips, createClips } from './clips.js';
import type { Settings } from '../config.js';
import { createMp3DecoderPool } from '../engines/mp3.js';
import { createSoxrResampler } from '../engines/resampler.js';
import type { AssetMetrics } from '../metricsAssets.js';
import { countFetches } from '../metricsFetches.js';

/** What long assets may take of the disk, compressed, per call host: 256 MiB. */
const MAX_COMPRESSED_BYTES = 268_435_456;

/** The assets of a process, fetched as its settings allow and shared by all of its calls. */
export function createHostClips(settings: Settings, metrics: AssetMetrics): Clips {
  const { assetOrigins, assetMaxBytes, assetCacheBytes } = settings;
  const policy = createAssetPolicy(assetOrigins);
  return createClips({
    fetch: (url, options) =>
      fromAsset(url, { policy, maxBytes: assetMaxBytes, ...options }).pipe(countFetches(metrics)),
    openDecoder: createMp3DecoderPool(),
    createResampler: createSoxrResampler,
    maxBytes: assetCacheBytes,
    maxCompressedBytes: MAX_COMPRESSED_BYTES,
    directory: tmpdir(),
    now: () => performance.now(),
    onKept: (tier, bytes) => metrics.cached(tier, bytes),
    onLookedUp: (result) => metrics.lookedUp(result),
    onBegan: (result, after) => metrics.began(result, after),
  });
}
