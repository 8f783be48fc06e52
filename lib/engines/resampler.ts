import { AudioFrame, AudioResampler, AudioResamplerQuality } from '@livekit/rtc-node';
import type { CreateResampler, Hertz, PcmFrame, Resampler } from '../../operators/types.js';

/**
 * The SDK's soxr resampler for mono signals, at medium quality (-0.1 dB at 18 kHz, 400 times real
 * time). It hands out bursts and holds back up to 80 ms; the length of a flushed signal is exact.
 *
 * Everything is checked here, because the native side aborts the process, fails later or resamples
 * wrongly. Throws a RangeError on a rate that is no positive integer and on a frame of another
 * rate, an Error after `close`. The process exits only after `dispose()` of `@livekit/rtc-node`,
 * which is the process's affair.
 */
export const createSoxrResampler: CreateResampler = (from, to) => {
  for (const rate of [from, to]) {
    if (!Number.isInteger(rate) || rate <= 0) throw new RangeError(`no sample rate: ${rate}`);
  }
  return new SoxrResampler(from, to);
};

class SoxrResampler implements Resampler {
  private readonly soxr: AudioResampler;
  private closed = false;

  constructor(
    private readonly from: Hertz,
    private readonly to: Hertz,
  ) {
    this.soxr = new AudioResampler(from, to, 1, AudioResamplerQuality.MEDIUM);
  }

  push({ samples, sampleRate }: PcmFrame): readonly PcmFrame[] {
    this.assertOpen();
    if (sampleRate !== this.from) {
      throw new RangeError(`a frame of ${sampleRate} Hz in a signal of ${this.from} Hz`);
    }
    if (samples.length === 0) return [];
    return this.toFrames(
      this.soxr.push(new AudioFrame(owned(samples), sampleRate, 1, samples.length)),
    );
  }

  flush(): readonly PcmFrame[] {
    this.assertOpen();
    return this.toFrames(this.soxr.flush());
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.soxr.close();
  }

  private assertOpen(): void {
    if (this.closed) throw new Error('the resampler is closed');
  }

  private toFrames(frames: readonly AudioFrame[]): PcmFrame[] {
    return frames.map(({ data }) => ({ samples: owned(data), sampleRate: this.to }));
  }
}

/** The SDK reads a buffer from its beginning, whatever part of it the array shows. */
function owned(samples: Int16Array): Int16Array {
  return samples.byteLength === samples.buffer.byteLength ? samples : samples.slice();
}
