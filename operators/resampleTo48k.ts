import { concat, concatMap, defer, finalize, type OperatorFunction } from 'rxjs';
import { MediaError } from './mediaError.js';
import type { CreateResampler, Hertz, PcmFrame, Resampler } from './types.js';

const OUTPUT_RATE: Hertz = 48_000;

/**
 * Brings every frame to 48 kHz without changing its duration.
 *
 *     source  --a---b---|        44.1 kHz
 *     result  --A---B---(Z|)     48 kHz; Z is the filter's tail, flushed on completion
 *
 * One resampler lives per subscription. It is opened by the first frame, which alone knows its
 * rate, and closed on completion, error and unsubscription alike. A signal that is at 48 kHz
 * already passes untouched and needs none.
 *
 * Errors: MediaError `asset_undecodable` when the rate changes within the signal.
 */
export function resampleTo48k(
  createResampler: CreateResampler,
): OperatorFunction<PcmFrame, PcmFrame> {
  return (source) =>
    defer(() => {
      let rate: Hertz | undefined;
      let resampler: Resampler | undefined;
      const push = (frame: PcmFrame): readonly PcmFrame[] => {
        rate ??= frame.sampleRate;
        if (frame.sampleRate !== rate) throw rateChanged(rate, frame.sampleRate);
        if (rate === OUTPUT_RATE) return [frame];
        resampler ??= createResampler(rate, OUTPUT_RATE);
        return resampler.push(frame);
      };
      const tail = defer(() => resampler?.flush() ?? []);
      return concat(source.pipe(concatMap(push)), tail).pipe(finalize(() => resampler?.close()));
    });
}

function rateChanged(from: Hertz, to: Hertz): MediaError {
  return new MediaError('asset_undecodable', `the sample rate changes from ${from} to ${to} Hz`);
}
