import { readFileSync } from 'node:fs';

import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  type Participant,
  Room,
  RoomEvent,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';

/*
 * Program of the floor: what LiveKit's SDK does by itself, and no worker can be quicker or smaller
 * than. In each room that the parent names it publishes one track; from the moment at which an
 * attribute says `play` a buffer that lay ready is handed over in a loop, and at any other command
 * the queue is cleared, without a fade. It knows nothing of assets, answers, or who may hear what.
 *
 * Arguments: length of a frame in milliseconds, file of the samples (48 kHz mono s16, native order).
 * Runs as plain JavaScript, with no loader in its memory: see `startBareSdk`.
 */
const SAMPLE_RATE = 48_000;
const QUEUE_MS = 200;

/** A room to serve, as the parent sends it. */
interface BareRoom {
  readonly name: string;
  readonly url: string;
  readonly token: string;
}
/** A room to leave. */
interface BareLeave {
  readonly leave: string;
}

const joined = new Map<string, Room>();

const [frameMs = '', file = ''] = process.argv.slice(2);
const frameSize = (SAMPLE_RATE / 1_000) * Number(frameMs);
const bytes = readFileSync(file);
const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
const whole = samples.length - (samples.length % frameSize);

async function play(source: AudioSource, isNewest: () => boolean): Promise<void> {
  for (let start = 0; isNewest(); start = (start + frameSize) % whole) {
    const frame = samples.slice(start, start + frameSize);
    await source.captureFrame(new AudioFrame(frame, SAMPLE_RATE, 1, frameSize));
  }
}

function obey(room: Room, source: AudioSource, close: () => void): void {
  let newest: string | undefined;
  let playing = Promise.resolve();
  const look = ({ attributes }: Participant) => {
    const id = attributes['media.command_id'];
    if (id === undefined || id === newest) return;
    newest = id;
    if (attributes['media.command'] === 'play') playing = play(source, () => newest === id);
    else source.clearQueue();
  };
  room.on(RoomEvent.ParticipantAttributesChanged, (_changed, participant) => look(participant));
  room.on(RoomEvent.ParticipantConnected, look);
  room.once(RoomEvent.Disconnected, () => {
    newest = undefined;
    void playing.finally(close);
  });
  room.remoteParticipants.forEach(look);
}

async function serve({ name, url, token }: BareRoom): Promise<void> {
  const room = new Room();
  await room.connect(url, token, { autoSubscribe: false, dynacast: false });
  joined.set(name, room);
  const source = new AudioSource(SAMPLE_RATE, 1, QUEUE_MS);
  const track = LocalAudioTrack.createAudioTrack('bare', source);
  const options = new TrackPublishOptions({
    source: TrackSource.SOURCE_SCREENSHARE_AUDIO,
    dtx: false,
    red: false,
    audioEncoding: { maxBitrate: 64_000n },
  });
  await room.localParticipant!.publishTrack(track, options);
  obey(room, source, () => void track.close());
  process.send?.('joined');
}

async function leave(name: string): Promise<void> {
  await joined.get(name)?.disconnect();
  joined.delete(name);
  process.send?.('left');
}

process.on('message', (told: BareRoom | BareLeave) => {
  void ('leave' in told ? leave(told.leave) : serve(told));
});
process.once('disconnect', () => process.exit());
process.send?.('ready');
