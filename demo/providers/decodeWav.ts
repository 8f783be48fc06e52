/** What a WAV file holds, if it is mono 16-bit PCM. */
export interface WavAudio {
  readonly samples: Int16Array;
  readonly sampleRate: number;
}

const HEADER_BYTES = 12;
const PCM = 1;

/** Reads a WAV file. Throws where it is none, is cut short, or is not mono 16-bit PCM. */
export function decodeWav(bytes: Uint8Array): WavAudio {
  const file = Buffer.from(bytes);
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error('no RIFF file');
  }
  if (file.readUInt32LE(4) !== file.length - 8) throw new Error('the RIFF size is wrong');
  const format = chunkOf(file, 'fmt ');
  if (format.readUInt16LE(0) !== PCM) throw new Error('not PCM');
  if (format.readUInt16LE(2) !== 1) throw new Error('not mono');
  if (format.readUInt16LE(14) !== 16) throw new Error('not 16-bit');
  const sampleRate = format.readUInt32LE(4);
  if (format.readUInt32LE(8) !== 2 * sampleRate || format.readUInt16LE(12) !== 2) {
    throw new Error('the byte rate is wrong');
  }
  return { samples: toSamples(chunkOf(file, 'data')), sampleRate };
}

function chunkOf(file: Buffer, name: string): Buffer {
  for (let at = HEADER_BYTES; at + 8 <= file.length;) {
    const size = file.readUInt32LE(at + 4);
    const body = at + 8;
    if (body + size > file.length) throw new Error(`chunk "${name}" is cut short`);
    if (file.toString('latin1', at, at + 4) === name) return file.subarray(body, body + size);
    at = body + size + (size % 2);
  }
  throw new Error(`no chunk "${name}"`);
}

/** Little-endian 16-bit PCM as samples. */
export function toSamples(pcm: Buffer): Int16Array {
  return Int16Array.from({ length: Math.floor(pcm.length / 2) }, (_, n) => pcm.readInt16LE(2 * n));
}
