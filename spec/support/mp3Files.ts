import { readFileSync } from 'node:fs';
import { lastValueFrom, of, toArray } from 'rxjs';
import { openMp3Decoder } from '../../lib/engines/mp3.js';
import { decodeMp3 } from '../../operators/decodeMp3.js';
import type { Decoder, Hertz, OpenDecoder } from '../../operators/types.js';
import { joinSamples } from './frames.js';

/** What a file sounds like: its samples, and all rates that its frames name. */
export interface DecodedFile {
  readonly samples: Int16Array;
  readonly rates: readonly Hertz[];
}

/** The bytes of a file in `spec/fixtures/mp3`, named without its ending. */
export function readMp3(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/mp3/${name}.mp3`, import.meta.url));
}

/** One decoder, to be closed by the caller. */
export function openDecoder(open: OpenDecoder = openMp3Decoder): Promise<Decoder> {
  return new Promise((resolve, reject) => {
    open().subscribe({ next: resolve, error: reject });
  });
}

/** Decodes the way the product does. Rejects with what the decoder throws. */
export async function decodeFile(
  bytes: Uint8Array,
  open: OpenDecoder = openMp3Decoder,
): Promise<DecodedFile> {
  const frames = await lastValueFrom(of(bytes).pipe(decodeMp3(open), toArray()), {
    defaultValue: [],
  });
  return {
    samples: joinSamples(frames),
    rates: [...new Set(frames.map(({ sampleRate }) => sampleRate))],
  };
}
