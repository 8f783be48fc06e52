import '../demo/participants/quietRtcNode.js';

import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';

const SAMPLE_RATE = 16_000;
/** Long frames: many who sound in one process shall not keep the machine busy. */
const FRAME_MS = 200;
const QUEUE_MS = 1_000;
/** -18 dBFS. */
const AMPLITUDE = 4_096;

/**
 * Has somebody publish a tone without end, as the sound of a screen: it is nobody's voice, so it is
 * not transcribed, and still nobody on hold may hear it. It ends when they leave the room.
 *
 * @param hz a multiple of 5: each frame is the same.
 */
export async function publishScreenSound(room: Room, hz: number): Promise<void> {
  const source = new AudioSource(SAMPLE_RATE, 1, QUEUE_MS);
  const track = LocalAudioTrack.createAudioTrack('screen', source);
  const options = new TrackPublishOptions({
    source: TrackSource.SOURCE_SCREENSHARE_AUDIO,
    dtx: false,
  });
  await room.localParticipant!.publishTrack(track, options);
  const size = (FRAME_MS * SAMPLE_RATE) / 1_000;
  const samples = Int16Array.from(
    { length: size },
    (_, n) => AMPLITUDE * Math.sin((2 * Math.PI * hz * n) / SAMPLE_RATE),
  );
  const sound = async () => {
    while (room.isConnected) {
      await source.captureFrame(new AudioFrame(samples.slice(), SAMPLE_RATE, 1, size));
    }
    await source.close();
  };
  sound().catch((error: unknown) => console.error(error));
}
