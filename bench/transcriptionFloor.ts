import '../demo/participants/quietRtcNode.js';

import { AudioStream, type RemoteTrack, Room, RoomEvent, TrackKind } from '@livekit/rtc-node';

import { isLoud } from './transcriptionLoud.js';

/*
 * Program of the floor of `transcriptLatency`: what network, jitter buffer and data channel take,
 * and nobody who listens in a room can be quicker. It tells of each loud 10 ms as soon as it has
 * heard them; when the last one of a phrase was, only who waits can know.
 */
const FRAME_MS = 10;
const SAMPLE_RATE = 48_000;

/** A room to listen in, as the parent sends it. */
interface FloorRoom {
  readonly url: string;
  readonly token: string;
}

async function tellOfLoud(room: Room, track: RemoteTrack): Promise<void> {
  const options = { sampleRate: SAMPLE_RATE, numChannels: 1, frameSizeMs: FRAME_MS };
  for await (const { data } of new AudioStream(track, options)) {
    if (isLoud(data)) {
      void room.localParticipant!.publishData(new Uint8Array(1), { reliable: true, topic: 'loud' });
    }
  }
}

async function listen({ url, token }: FloorRoom): Promise<void> {
  const room = new Room();
  room.on(RoomEvent.TrackSubscribed, (track: RemoteTrack) => {
    if (track.kind === TrackKind.KIND_AUDIO) void tellOfLoud(room, track);
  });
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  process.send?.('joined');
}

process.on('message', (room: FloorRoom) => void listen(room));
process.once('disconnect', () => process.exit());
process.send?.('ready');
