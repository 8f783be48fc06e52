import { LRUCache } from 'lru-cache';
import {
  BehaviorSubject,
  defer,
  filter,
  finalize,
  identity,
  map,
  merge,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  ReplaySubject,
  share,
  switchMap,
  take,
  tap,
} from 'rxjs';
import type { Milliseconds, PcmFrame } from '../../operators/types.js';
import type { AssetHead, AssetPart, FetchOptions } from '../../streams/fromAsset.js';
import type { CacheResult } from '../metricsAssets.js';
import { type ByteBudget, createByteBudget } from './byteBudget.js';
import { decodeAhead, type Engines } from './decodeAhead.js';
import { download, type Body } from './download.js';
import { createFreshness, type Freshness } from './freshness.js';
import { createTape } from './tape.js';

/** What a clip cache works with. */
export interface ClipsOptions extends Engines {
  /** One request: head, then body. Errors with a MediaError. */
  fetch(url: string, options: Pick<FetchOptions, 'headers' | 'pace'>): Observable<AssetPart>;
  /** Decoded audio kept, in bytes; 96,000 are a second. */
  readonly maxBytes: number;
  /** Compressed audio kept, in bytes. */
  readonly maxCompressedBytes: number;
  /** Where compressed audio is kept: on a disk. */
  readonly directory: string;
  /** Milliseconds on any clock that runs steadily. */
  readonly now: () => Milliseconds;
  /** Told how many bytes are kept in memory and on disk, at each change. */
  readonly onKept?: (tier: 'memory' | 'disk', bytes: number) => void;
  /** Told what each look for an asset has come to. */
  readonly onLookedUp?: (result: CacheResult) => void;
  /** Told of the first frame of each clip that is let out, so long after the first subscription. */
  readonly onBegan?: (result: CacheResult, after: Milliseconds) => void;
}

/** The assets of one call host. */
export interface Clips {
  /**
   * The sound of an asset: 48 kHz mono frames of 100 ms, from its start.
   *
   *     result  ---ff-f-f-f|     f: decoded while the rest is still arriving
   *
   * Each subscription plays it whole; repeats of one returned clip do not ask the server again.
   * Unsubscribing the last listener before the asset is complete aborts its request.
   *
   * @param pace lets the frames out; with it, long assets are decoded while they play.
   * @returns errors with the MediaError of fetching or decoding, after what had been decoded.
   */
  clip(url: string, pace?: MonoTypeOperatorFunction<PcmFrame>): Observable<PcmFrame>;
  /** Drops all that nobody listens to, and closes its files. */
  clear(): void;
}

interface Asset {
  /** Its sound from the start. */
  play(pace: MonoTypeOperatorFunction<PcmFrame>): Observable<PcmFrame>;
  /** Whether it can be played without a request. */
  isHeld(): boolean;
  /** Whether it can be played without decoding. */
  isInMemory(): boolean;
  /** Drops it as soon as nobody listens. */
  retire(): void;
}

/** The asset of an address, and what it took to find it. */
interface Found {
  readonly asset: Asset;
  readonly result: CacheResult;
}

/** What becomes of an asset. */
interface AssetObserver {
  stored(digest: string): void;
  /** It cannot be decoded, now or ever. */
  broken(): void;
}

interface Budgets {
  readonly disk: ByteBudget;
  readonly memory: ByteBudget;
}

/** Addresses remembered, with what their servers said: signed ones differ from call to call. */
const MAX_ADDRESSES = 1_000;

function createAsset(
  body: Body,
  options: ClipsOptions,
  { disk, memory }: Budgets,
  observer: AssetObserver,
): Asset {
  const retirement$ = new BehaviorSubject(false);
  const retired$ = retirement$.pipe(filter(identity));
  let isStored = false;
  const download$ = download(body, options.directory, disk).pipe(
    tap(({ digest }) => {
      if (digest === undefined) return;
      isStored = true;
      observer.stored(digest);
    }),
    finalize(() => (isStored = false)),
    share({
      connector: () => new ReplaySubject(1),
      resetOnRefCountZero: () => (isStored ? merge(disk.evicted$, retired$) : of(undefined)),
    }),
  );
  const decode = () => {
    const decoding = decodeAhead(download$, options);
    const frames$ = decoding.frames$.pipe(tap({ error: () => isStored && observer.broken() }));
    return { ...decoding, frames$ };
  };
  const tape = createTape(decode, memory, retirement$);
  return {
    play: (pace: MonoTypeOperatorFunction<PcmFrame>) => tape.play(pace),
    isHeld: () => isStored || tape.isComplete(),
    isInMemory: () => tape.isComplete(),
    retire: () => retirement$.next(true),
  } satisfies Asset;
}

const isBytes = (part: AssetPart): part is Uint8Array => part instanceof Uint8Array;
const isHead = (part: AssetPart): part is AssetHead => !isBytes(part);

/**
 * The assets of all calls of one host: fetched once, decoded once, kept as long as there is room.
 *
 * - One request and one decoding serve all who listen to an address at the same time.
 * - Decoded audio is kept within `maxBytes`, what was used last the longest. An asset that finds no
 *   room there is decoded from its compressed bytes while it plays.
 * - Compressed bytes lie in nameless files, within `maxCompressedBytes`.
 * - Content-addressed: an address that turns out to hold the bytes of another shares what is kept
 *   of that one from then on.
 * - Within its freshness an asset plays without a request. Afterwards the server is asked first, and
 *   playing waits for the answer: playing the old one meanwhile would be quicker, but a caller would
 *   hear an announcement that had been replaced.
 * - Failures are not kept.
 */
export function createClips(options: ClipsOptions): Clips {
  const budgets = {
    memory: createByteBudget(options.maxBytes, (bytes) => options.onKept?.('memory', bytes)),
    disk: createByteBudget(options.maxCompressedBytes, (bytes) => options.onKept?.('disk', bytes)),
  };
  const byDigest = new LRUCache<string, Asset>({ max: MAX_ADDRESSES });
  const byAddress = new LRUCache<string, Observable<Found>>({ max: MAX_ADDRESSES });

  /** Emits the asset that is to be played for an address now. */
  function track(url: string): Observable<Found> {
    let freshness: Freshness | undefined;
    let digest = '';
    let latest = load();
    const asset = () => byDigest.get(digest) ?? latest;

    function load(): Asset {
      digest = '';
      const loaded: Asset = createAsset({ read }, options, budgets, {
        stored: (sum) => {
          digest = sum;
          keepOne(sum, loaded);
        },
        broken: () => {
          byDigest.delete(digest);
          latest = load();
          loaded.retire();
        },
      });
      return loaded;
    }
    function read(pace: MonoTypeOperatorFunction<Uint8Array>): Observable<Uint8Array> {
      return options.fetch(url, { pace }).pipe(
        tap((part) => {
          if (isHead(part)) freshness = createFreshness(url, part, options.now);
        }),
        filter(isBytes),
      );
    }
    function renewed(): Found {
      latest = load();
      return { asset: latest, result: 'miss' };
    }
    function revalidate(known: Freshness): Observable<Found> {
      if (!known.validators) return of(renewed());
      return options.fetch(url, { headers: known.validators }).pipe(
        filter(isHead),
        take(1),
        map((head) => {
          if (head.status !== 304) return renewed();
          freshness = known.renew(head);
          return { asset: asset(), result: 'revalidated' } as const;
        }),
      );
    }
    return defer(() => {
      if (!asset().isHeld() || !freshness) return of({ asset: asset(), result: 'miss' } as const);
      if (freshness.isFresh()) return of({ asset: asset(), result: 'hit' } as const);
      return revalidate(freshness);
    }).pipe(share());
  }

  /** Of two assets with the same bytes, the one that is in memory stays, else the newer one. */
  function keepOne(digest: string, loaded: Asset): void {
    const twin = byDigest.get(digest);
    if (twin === loaded) return;
    const [kept, given] = twin?.isInMemory() ? [twin, loaded] : [loaded, twin];
    byDigest.set(digest, kept);
    given?.retire();
  }

  function current(url: string): Observable<Found> {
    const known$ = byAddress.get(url) ?? track(url);
    byAddress.set(url, known$);
    return known$;
  }

  return {
    clip: (url: string, pace: MonoTypeOperatorFunction<PcmFrame> = identity) => {
      let own: Found | undefined;
      let begun = false;
      const found$ = defer(() => current(url)).pipe(
        tap((found) => {
          own = found;
          options.onLookedUp?.(found.result);
        }),
      );
      return defer(() => {
        const since = options.now();
        function begin({ result }: Found): void {
          if (begun) return;
          begun = true;
          options.onBegan?.(result, options.now() - since);
        }
        return (own?.asset.isHeld() ? of(own) : found$).pipe(
          switchMap((found) => found.asset.play(pace).pipe(tap(() => begin(found)))),
        );
      });
    },
    clear: () => {
      budgets.memory.clear();
      budgets.disk.clear();
    },
  } satisfies Clips;
}
