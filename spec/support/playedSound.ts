import { lastValueFrom, of, toArray } from 'rxjs';
import { openMp3Decoder } from '../../lib/engines/mp3.js';
import { createSoxrResampler } from '../../lib/engines/resampler.js';
import { decodeMp3 } from '../../operators/decodeMp3.js';
import { resampleTo48k } from '../../operators/resampleTo48k.js';
import { scaleGain } from '../../operators/scaleGain.js';
import { joinSamples } from './frames.js';

/** One pass of an asset at 48 kHz, as it is to be played: at a gain of 0.6, without any fade. */
export async function playedSound(mp3: Uint8Array): Promise<Int16Array> {
  const frames = of(mp3).pipe(
    decodeMp3(openMp3Decoder),
    resampleTo48k(createSoxrResampler),
    scaleGain(0.6),
    toArray(),
  );
  return joinSamples(await lastValueFrom(frames, { defaultValue: [] }));
}
