import { lastValueFrom, map, of, toArray } from 'rxjs';

import { concatSamples } from '../demo/concatSamples.js';
import { openMp3Decoder } from '../lib/engines/mp3.js';
import { createSoxrResampler } from '../lib/engines/resampler.js';
import { decodeMp3 } from '../operators/decodeMp3.js';
import { resampleTo48k } from '../operators/resampleTo48k.js';
import { scaleGain } from '../operators/scaleGain.js';

/** The worker's own gain where none is set. */
const GAIN = 0.6;

/** The samples of a short MP3 as the worker plays them: 48 kHz mono, gain applied, all at once. */
export function readyBuffer(mp3: Uint8Array): Promise<Int16Array> {
  const decoded = of(mp3).pipe(
    decodeMp3(openMp3Decoder),
    resampleTo48k(createSoxrResampler),
    scaleGain(GAIN),
    toArray(),
    map((frames) => concatSamples(frames.map(({ samples }) => samples))),
  );
  return lastValueFrom(decoded, { defaultValue: new Int16Array() });
}
