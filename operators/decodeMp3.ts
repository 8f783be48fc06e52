import {
  asyncScheduler,
  concat,
  concatAll,
  concatMap,
  defer,
  finalize,
  identity,
  ignoreElements,
  map,
  of,
  subscribeOn,
  tap,
  type MonoTypeOperatorFunction,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import type { Decoder, OpenDecoder, PcmFrame } from './types.js';

/** Bytes per turn of the event loop: 2.7 ms of decoding at the median, 15 ms at worst. */
const MAX_PIECE_BYTES = 16 * 1024;

/** How `decodeMp3` shares the event loop with everything else. */
export interface DecodeOptions {
  /**
   * Applied to the frames of each piece; the next piece is decoded when it has completed, so a
   * long asset is decoded while it plays. Default: everything as fast as it goes.
   */
  readonly pace?: MonoTypeOperatorFunction<PcmFrame>;
  /** Where the next piece waits its turn. Default: `asyncScheduler`, for `asap` never yields. */
  readonly scheduler?: SchedulerLike;
}

/**
 * Decodes the bytes of an MP3 into mono frames at the file's own rate.
 *
 *     source  a-----b---|          chunks of any size
 *     result  --A---B---(Z|)       A waits for the decoder; Z is what it held back
 *
 * The source is subscribed at once and buffered while the decoder opens. The first piece is
 * decoded without delay, every further one in a turn of the event loop of its own. The decoder is
 * closed on completion, error and unsubscription alike.
 *
 * Errors: MediaError `asset_undecodable`, and whatever source and decoder fail with.
 */
export function decodeMp3(
  openDecoder: OpenDecoder,
  { pace = identity, scheduler = asyncScheduler }: DecodeOptions = {},
): OperatorFunction<Uint8Array, PcmFrame> {
  return (source) =>
    defer(() => {
      let decoder: Decoder | undefined;
      const open = defer(openDecoder).pipe(
        tap((opened) => (decoder = opened)),
        ignoreElements(),
      );
      const decode = (piece: Uint8Array, index: number) => {
        const frames = defer(() => decoder?.decode(piece) ?? []).pipe(pace);
        return index === 0 ? frames : frames.pipe(subscribeOn(scheduler));
      };
      const flush = defer(() => decoder?.flush() ?? []).pipe(pace);
      const pieces = source.pipe(concatMap(split), map(decode));
      return concat(of(open), pieces, of(flush)).pipe(
        concatAll(),
        finalize(() => decoder?.close()),
      );
    });
}

function* split(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += MAX_PIECE_BYTES) {
    yield bytes.subarray(start, start + MAX_PIECE_BYTES);
  }
}
