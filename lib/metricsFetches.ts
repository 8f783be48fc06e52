import { defer, type MonoTypeOperatorFunction, tap } from 'rxjs';
import { MediaError } from '../operators/mediaError.js';
import type { Milliseconds } from '../operators/types.js';
import type { AssetPart } from '../streams/fromAsset.js';
import type { AssetMetrics, FetchOutcome } from './metricsAssets.js';

const NOT_MODIFIED = 304;

const isUnchanged = (part: AssetPart): boolean =>
  !(part instanceof Uint8Array) && part.status === NOT_MODIFIED;

/**
 * Counts each request for an asset once, when it is over.
 *
 * @param now any clock that runs steadily.
 */
export function countFetches(
  metrics: Pick<AssetMetrics, 'fetched'>,
  now: () => Milliseconds = () => performance.now(),
): MonoTypeOperatorFunction<AssetPart> {
  return (part$) =>
    defer(() => {
      const since = now();
      let outcome: FetchOutcome | undefined;
      return part$.pipe(
        tap({
          // Whoever asks whether an asset has changed leaves with the answer.
          next: (part) => isUnchanged(part) && (outcome = 'not_modified'),
          complete: () => (outcome ??= 'fetched'),
          error: (error: unknown) =>
            (outcome = error instanceof MediaError ? error.code : 'asset_unreachable'),
          finalize: () => metrics.fetched(outcome ?? 'aborted', now() - since),
        }),
      );
    });
}
