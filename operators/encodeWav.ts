import { filter, map, type OperatorFunction, pipe, toArray } from 'rxjs';
import type { PcmFrame, Samples } from './types.js';

/** The RIFF, `fmt ` and `data` headers of the plainest WAV there is. */
const HEADER_BYTES = 44;
const PCM = 1;
const BYTES_PER_SAMPLE = 2;

/**
 * A whole signal as one WAV file: mono, 16-bit PCM, at the rate of its first frame.
 *
 *     source  -a-b-c-----|
 *     result  -----------(W|)
 *
 * @param shortest a signal of fewer samples, or of none at all, becomes no file.
 * @see Microsoft, "Multimedia Programming Interface and Data Specifications 1.0", for the layout.
 */
export function encodeWav(
  shortest: Samples = 1,
): OperatorFunction<PcmFrame, Uint8Array<ArrayBuffer>> {
  return pipe(
    toArray(),
    filter((frames) => countSamples(frames) >= Math.max(shortest, 1)),
    map(toWav),
  );
}

function countSamples(frames: readonly PcmFrame[]): Samples {
  return frames.reduce((sum, { samples }) => sum + samples.length, 0);
}

function toWav(frames: readonly PcmFrame[]): Uint8Array<ArrayBuffer> {
  const dataBytes = BYTES_PER_SAMPLE * countSamples(frames);
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + dataBytes));
  writeHeader(view, frames[0]?.sampleRate ?? 0, dataBytes);
  let at = HEADER_BYTES;
  for (const { samples } of frames) {
    for (const sample of samples) {
      view.setInt16(at, sample, true);
      at += BYTES_PER_SAMPLE;
    }
  }
  return new Uint8Array(view.buffer);
}

function writeHeader(view: DataView, sampleRate: number, dataBytes: number): void {
  writeTag(view, 0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  writeTag(view, 8, 'WAVE');
  writeTag(view, 12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, BYTES_PER_SAMPLE * sampleRate, true);
  view.setUint16(32, BYTES_PER_SAMPLE, true);
  view.setUint16(34, 8 * BYTES_PER_SAMPLE, true);
  writeTag(view, 36, 'data');
  view.setUint32(40, dataBytes, true);
}

function writeTag(view: DataView, at: number, tag: string): void {
  for (let index = 0; index < tag.length; index += 1) {
    view.setUint8(at + index, tag.charCodeAt(index));
  }
}
