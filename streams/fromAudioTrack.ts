import {
  type AudioFrame,
  AudioStream,
  type RemoteTrack,
  type Room,
  RoomEvent,
} from '@livekit/rtc-node';
import type { ReadableStream } from 'node:stream/web';
import { Observable } from 'rxjs';
import type { Hertz, Milliseconds, PcmFrame } from '../operators/types.js';

const SAMPLE_RATE: Hertz = 16_000;
/** Length of a frame: that of a window of voice detection, which so need not wait for the next. */
export const VOICE_FRAME: Milliseconds = 32;
/** Frames that may wait for this process: 3 s. */
const MOST_WAITING = 94;

/** Opens the native stream of a track. */
export type OpenAudio = (track: RemoteTrack) => ReadableStream<AudioFrame>;

const openNative: OpenAudio = (track) =>
  new AudioStream(track, { sampleRate: SAMPLE_RATE, numChannels: 1, frameSizeMs: VOICE_FRAME });

/**
 * What is heard on somebody's audio track: 16 kHz mono, 32 ms frames. While the track is muted or
 * nothing is sent on it, that is silence. Completes when the track ends: unpublished, unsubscribed,
 * or gone with its publisher or with the room. Errors: an Error when it cannot be opened or read.
 *
 * The native side does not wait for this process: what comes while it is busy elsewhere piles up.
 * So all that has come is taken over first and worked on afterwards, and the oldest that exceeds
 * 3 s is dropped. Each subscription opens a native stream of its own and closes it at once.
 *
 * @param room the track's: where it is closed from outside, the SDK ends none of its tracks.
 * @param onDropped told of each frame that is dropped.
 * @param open to be replaced in specs alone.
 */
export function fromAudioTrack(
  room: Room,
  track: RemoteTrack,
  onDropped: () => void,
  open: OpenAudio = openNative,
): Observable<PcmFrame> {
  return new Observable((subscriber) => {
    const reader = open(track).getReader();
    const close = () => void reader.cancel().catch(() => undefined);
    const waiting: PcmFrame[] = [];
    let due: NodeJS.Immediate | undefined;

    const emit = () => {
      due = undefined;
      for (const frame of waiting.splice(0)) subscriber.next(frame);
    };
    const pump = async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        waiting.push({ samples: value.data, sampleRate: value.sampleRate });
        if (waiting.length > MOST_WAITING) {
          waiting.shift();
          onDropped();
        }
        due ??= setImmediate(emit);
      }
      emit();
      subscriber.complete();
    };
    pump().catch((cause: unknown) => {
      subscriber.error(new Error('an audio track cannot be read', { cause }));
    });
    room.once(RoomEvent.Disconnected, close);
    return () => {
      room.off(RoomEvent.Disconnected, close);
      clearImmediate(due);
      close();
    };
  });
}
