import type { ReadableStreamDefaultReader } from 'node:stream/web';
import { type AudioFrame, AudioStream, type Track } from '@livekit/rtc-node';
import { BehaviorSubject, filter } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import type { Samples } from '../../operators/types.js';

/**
 * What one track carries, 48 kHz mono without a break, from the moment on at which it was made.
 *
 * On a local track it gets the very samples that the native source plays, each 10 ms of its clock,
 * silence where it has nothing to play. On a remote one it gets what a listener's ear gets.
 */
export class TrackRecording {
  /** Grows by doubling: one array is nothing to the garbage collector, a million frames are. */
  private buffer = new Int16Array(2 ** 20);
  private readonly recorded = new BehaviorSubject<Samples>(0);
  private readonly reader: ReadableStreamDefaultReader<AudioFrame>;

  constructor(track: Track) {
    this.reader = new AudioStream(track, { sampleRate: 48_000, numChannels: 1 }).getReader();
    this.pump().then(
      () => this.recorded.complete(),
      (cause: unknown) => this.recorded.error(new Error('recording failed', { cause })),
    );
  }

  /** How much has been recorded so far. */
  get length(): Samples {
    return this.recorded.value;
  }

  /** What has been recorded from there to there. */
  samples(from: Samples = 0, to: Samples = this.length): Int16Array {
    return this.buffer.slice(from, to);
  }

  /** Resolves when so much has been recorded. */
  async reaches(length: Samples): Promise<void> {
    const within = (length - this.length) / 48 + 10_000;
    await firstWithin(
      this.recorded.pipe(filter((recorded) => recorded >= length)),
      within,
      `a recording of ${length} samples`,
    );
  }

  /** Ends the recording; what is recorded stays. */
  async close(): Promise<void> {
    await this.reader.cancel();
  }

  private async pump(): Promise<void> {
    for (;;) {
      const { done, value } = await this.reader.read();
      if (done) return;
      this.append(value.data);
    }
  }

  private append(frame: Int16Array): void {
    const length = this.length + frame.length;
    if (length > this.buffer.length) {
      const larger = new Int16Array(2 * this.buffer.length);
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.buffer.set(frame, this.length);
    this.recorded.next(length);
  }
}
