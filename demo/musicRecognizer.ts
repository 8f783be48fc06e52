import { setImmediate } from 'node:timers/promises';

import { MPEGDecoder } from 'mpg123-decoder';

/** What is below 1 kHz tells a piece well enough, and the search takes less than half a second. */
const RATE = 2_000;
/** So many places are searched before other work has its turn: a microphone must not run dry. */
const PLACES_AT_ONCE = 2_000;

/** Where in a piece of music a stretch of audio was found. */
export interface RecognizedMusic {
  /** Correlation of the two waveforms at the best place: 1 is the same, 0 has nothing in common. */
  readonly similarity: number;
  /** Position in the piece, in milliseconds. */
  readonly positionMs: number;
}

/** Finds a stretch of 48 kHz mono audio, half a second or more, in the piece. */
export type MusicRecognizer = (heard: Int16Array) => Promise<RecognizedMusic>;

/**
 * Learns a piece of music from its MP3, to recognise it by ear: by correlating waveforms at every
 * place of the piece, its loop seam included. Volume plays no part; other pieces and tones score
 * below 0.5.
 */
export async function createMusicRecognizer(mp3: Uint8Array): Promise<MusicRecognizer> {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  const { channelData, sampleRate } = decoder.decode(mp3);
  decoder.free();
  const piece = reduce(channelData[0]!, sampleRate);
  return (heard) => bestPlace(piece, reduce(heard, 48_000));
}

/** Brings audio to the rate of the search by averaging, which also takes out what is above it. */
function reduce(samples: Float32Array | Int16Array, sampleRate: number): Float32Array {
  const size = Math.floor((samples.length * RATE) / sampleRate);
  return Float32Array.from({ length: size }, (_, n) => {
    const from = Math.floor((n * sampleRate) / RATE);
    const to = Math.floor(((n + 1) * sampleRate) / RATE);
    let sum = 0;
    for (let index = from; index < to; index += 1) sum += samples[index]!;
    return sum / (to - from);
  });
}

async function bestPlace(piece: Float32Array, heard: Float32Array): Promise<RecognizedMusic> {
  // The piece goes on from its start, as it does in a loop.
  const looped = Float32Array.from([...piece, ...piece.subarray(0, heard.length)]);
  let best: RecognizedMusic = { similarity: 0, positionMs: 0 };
  for (let place = 0; place < piece.length; place += 1) {
    if (place % PLACES_AT_ONCE === 0) await setImmediate();
    const similarity = correlation(looped, place, heard);
    if (similarity > best.similarity) best = { similarity, positionMs: (place * 1_000) / RATE };
  }
  return best;
}

function correlation(piece: Float32Array, place: number, heard: Float32Array): number {
  let [product, pieceEnergy, heardEnergy] = [0, 0, 0];
  for (let index = 0; index < heard.length; index += 1) {
    const [a, b] = [piece[place + index]!, heard[index]!];
    product += a * b;
    pieceEnergy += a * a;
    heardEnergy += b * b;
  }
  return product / Math.sqrt(pieceEnergy * heardEnergy || 1);
}
