import { MPEGDecoder } from 'mpg123-decoder';
import { defer, map, type Observable } from 'rxjs';
import { MediaError } from '../../operators/mediaError.js';
import type { Decoder, Hertz, OpenDecoder, PcmFrame } from '../../operators/types.js';
import { MpegSpan } from './mpegSpan.js';

/** Short enough to pace by, long enough to cost little. */
const FRAMES_PER_SECOND = 10;
const FULL_SCALE = 32_768;

/**
 * An MP3 decoder: mpg123 compiled to WebAssembly, which gets to see whole MPEG frames only.
 *
 * Frames come out mono (both channels at half level each), 16 bits, at most 100 ms long, at the
 * file's own rate. Encoder delay and padding are trimmed where the file has a LAME tag, so that
 * such a file loops without a gap.
 *
 * Errors, of `decode` and `flush`: MediaError `asset_undecodable`, see `MpegSpan`.
 */
export function openMp3Decoder(): Observable<Decoder> {
  return fromReady(defer(instantiate));
}

/**
 * Like `openMp3Decoder`, with one decoder kept ready: opening takes no time, where the first one
 * of a process takes about 30 ms and any other one 0.5 to 5 ms. A spare holds a 16 MB heap, of
 * which next to nothing is resident.
 */
export function createMp3DecoderPool(): OpenDecoder {
  let spare: Promise<MPEGDecoder> | undefined = prepare();
  const take = () => {
    const taken = spare ?? instantiate();
    spare = undefined;
    // Not before the taker has decoded its first bytes, which it does in this very turn.
    setImmediate(() => {
      spare ??= prepare();
    });
    return taken;
  };
  return () => fromReady(defer(take));
}

async function instantiate(): Promise<MPEGDecoder> {
  const mpeg = new MPEGDecoder();
  await mpeg.ready;
  return mpeg;
}

/** A failure is for whoever takes the spare; until then nobody handles it. */
function prepare(): Promise<MPEGDecoder> {
  const ready = instantiate();
  ready.catch(() => undefined);
  return ready;
}

function fromReady(mpeg$: Observable<MPEGDecoder>): Observable<Decoder> {
  return mpeg$.pipe(map((mpeg) => new Mp3Decoder(mpeg)));
}

class Mp3Decoder implements Decoder {
  private readonly span = new MpegSpan();
  private silent = true;
  private closed = false;

  constructor(private readonly mpeg: MPEGDecoder) {}

  decode(bytes: Uint8Array): readonly PcmFrame[] {
    // The package itself would loop for ever on a freed heap.
    if (this.closed) throw new Error('the MP3 decoder is closed');
    const { channelData, samplesDecoded, sampleRate, errors } = this.mpeg.decode(
      this.span.push(bytes),
    );
    // Whole frames never made it complain, damaged ones included: this is not audio after all.
    if (errors[0]) throw new MediaError('asset_undecodable', errors[0].message);
    // Without samples the package leaves its rate uninitialised.
    if (samplesDecoded === 0) return [];
    this.silent = false;
    return toFrames(channelData, sampleRate);
  }

  flush(): readonly PcmFrame[] {
    this.span.flush();
    if (this.silent) throw new MediaError('asset_undecodable', 'the file holds no audio');
    return [];
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.mpeg.free();
  }
}

function toFrames(channels: readonly Float32Array[], sampleRate: Hertz): PcmFrame[] {
  const [left = new Float32Array(), right = left] = channels;
  const length = Math.floor(sampleRate / FRAMES_PER_SECOND);
  const frames: PcmFrame[] = [];
  for (let start = 0; start < left.length; start += length) {
    const end = start + length;
    frames.push({
      samples: mix(left.subarray(start, end), right.subarray(start, end)),
      sampleRate,
    });
  }
  return frames;
}

/** Decoded samples may exceed full scale: they are clipped, for 16 bits would wrap around. */
function mix(left: Float32Array, right: Float32Array): Int16Array {
  const mono = new Int16Array(left.length);
  for (let i = 0; i < mono.length; i++) {
    const sample = Math.round((((left[i] ?? 0) + (right[i] ?? 0)) / 2) * FULL_SCALE);
    mono[i] = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, sample));
  }
  return mono;
}
