import {
  BehaviorSubject,
  concat,
  concatMap,
  connect,
  defer,
  dematerialize,
  filter,
  finalize,
  first,
  materialize,
  type MonoTypeOperatorFunction,
  type Observable,
  repeat,
  ReplaySubject,
  switchMap,
  takeWhile,
  tap,
} from 'rxjs';
import { decodeMp3 } from '../../operators/decodeMp3.js';
import { resampleTo48k } from '../../operators/resampleTo48k.js';
import type { CreateResampler, Decoder, Hertz, PcmFrame, Samples } from '../../operators/types.js';
import type { Download } from './download.js';

/** What turns bytes into sound. */
export interface Engines {
  openDecoder(): Observable<Decoder>;
  readonly createResampler: CreateResampler;
}

/** One decoding of an asset, driven by those who listen to it. */
export interface Decoding {
  /** 48 kHz mono, 100 ms each but the last. For one subscription. */
  readonly frames$: Observable<PcmFrame>;
  /** What one listener hears, from the start on: hearing it drives the decoding. */
  follow(heard$: Observable<PcmFrame>): Observable<PcmFrame>;
}

const RATE: Hertz = 48_000;
/** 100 ms: few objects per clip, and yet little to wait for at the start. */
const FRAME: Samples = 4_800;
/** 10 s, or 0.9 MiB: what the foremost listener has in hand when a disk or a network falters. */
const AHEAD: Samples = 480_000;
/** What the decoder takes at once. */
const PIECE_BYTES = 16_384;

/**
 * Pieces of the file, each read when there is hunger for it, as far as the download has come. Its
 * error takes the place of what it said before: the file is closed then.
 */
function readPieces(download$: Observable<Download>, hungry$: Observable<unknown>) {
  return download$.pipe(
    materialize(),
    connect((latest$) => readOn(latest$.pipe(dematerialize()), hungry$), {
      connector: () => new ReplaySubject(1),
    }),
  );
}

function readOn(progress$: Observable<Download>, hungry$: Observable<unknown>) {
  let position = 0;
  return progress$.pipe(
    first(({ bytes, digest }) => bytes > position || digest !== undefined),
    switchMap(({ file }) => file.read(position, PIECE_BYTES)),
    tap((piece) => (position += piece.length)),
    repeat({ delay: () => hungry$ }),
    takeWhile((piece) => piece.length > 0),
  );
}

/** Frames of `FRAME` samples each, and a shorter last one; unlike `reframe`, nothing is added. */
function regroup(): MonoTypeOperatorFunction<PcmFrame> {
  return (source$) =>
    defer(() => {
      let rest = new Int16Array();
      const cut = ({ samples }: PcmFrame) => {
        const all = new Int16Array(rest.length + samples.length);
        all.set(rest);
        all.set(samples, rest.length);
        const whole = all.length - (all.length % FRAME);
        rest = all.slice(whole);
        return Array.from({ length: whole / FRAME }, (_, index) => ({
          samples: all.slice(index * FRAME, (index + 1) * FRAME),
          sampleRate: RATE,
        }));
      };
      const tail = () => (rest.length > 0 ? [{ samples: rest, sampleRate: RATE }] : []);
      return concat(source$.pipe(concatMap(cut)), defer(tail));
    });
}

/**
 * Decodes an asset 10 s ahead of its foremost listener, and no further.
 *
 *     download  --d--d--D-------
 *     frames    ---ff---f----f--f|     as far as it has arrived, and as somebody has heard
 *
 * So a long asset costs little memory and its decoding is spread over its playing; a short one is
 * decoded as soon as it is there.
 */
export function decodeAhead(download$: Observable<Download>, engines: Engines): Decoding {
  const turn$ = new BehaviorSubject<void>(undefined);
  let isDecoding = false;
  let decoded: Samples = 0;
  let heard: Samples = 0;

  const hungry$ = turn$.pipe(filter(() => !isDecoding && decoded - heard < AHEAD));
  const frames$ = readPieces(download$, hungry$).pipe(
    tap(() => (isDecoding = true)),
    decodeMp3(() => engines.openDecoder(), {
      pace: finalize(() => {
        isDecoding = false;
        turn$.next();
      }),
    }),
    resampleTo48k(engines.createResampler),
    regroup(),
    tap(({ samples }) => (decoded += samples.length)),
  );
  function follow(heard$: Observable<PcmFrame>): Observable<PcmFrame> {
    return defer(() => {
      let position: Samples = 0;
      return heard$.pipe(
        tap(({ samples }) => {
          position += samples.length;
          if (position <= heard) return;
          heard = position;
          turn$.next();
        }),
      );
    });
  }
  return { frames$, follow } satisfies Decoding;
}
