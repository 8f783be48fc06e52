import { createMp3Encoder } from 'wasm-media-encoders';

/** A stretch of one tone; 0 Hz is silence. */
export interface ToneSegment {
  readonly hz: number;
  readonly ms: number;
}

/** How the MP3 is made. */
export interface Mp3Options {
  /** In Hz; 44100 when missing. */
  readonly sampleRate?: 8000 | 16_000 | 22_050 | 24_000 | 32_000 | 44_100 | 48_000;
  /** Both channels carry the same when there are two; one when missing. */
  readonly channels?: 1 | 2;
  /** In kbit/s; 64 when missing. */
  readonly bitrate?: 32 | 64 | 128 | 320;
  /** Peak amplitude, 0 to 1; 0.5 (-6 dBFS) when missing. */
  readonly amplitude?: number;
}

/**
 * Makes a real MP3 of tones, one after the other, with LAME.
 *
 * The encoder writes no LAME tag, so decoders cannot trim its delay: up to 1105 samples of silence
 * lead, and the last frame is filled up.
 */
export async function toneMp3(
  segments: readonly ToneSegment[],
  options: Mp3Options = {},
): Promise<Uint8Array> {
  const { sampleRate = 44_100, channels = 1, bitrate = 64, amplitude = 0.5 } = options;
  const encoder = await createMp3Encoder();
  encoder.configure({ sampleRate, channels, bitrate, outputSampleRate: sampleRate });
  const pcm = render(segments, sampleRate, amplitude);
  // What the encoder returns is a view into its own memory, overwritten by the next call.
  const body = encoder.encode(new Array<Float32Array>(channels).fill(pcm)).slice();
  return Buffer.concat([body, encoder.finalize()]);
}

function render(
  segments: readonly ToneSegment[],
  sampleRate: number,
  amplitude: number,
): Float32Array {
  const samples = segments.flatMap(({ hz, ms }) =>
    Array.from(
      { length: Math.round((ms * sampleRate) / 1_000) },
      (_, n) => amplitude * Math.sin((2 * Math.PI * hz * n) / sampleRate),
    ),
  );
  return Float32Array.from(samples);
}
