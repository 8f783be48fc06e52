// Plays an MP3 file into a room, again and again, until SIGTERM or the room's end:
//
//   LIVEKIT_URL=… LIVEKIT_API_KEY=… LIVEKIT_API_SECRET=… \
//     npx tsx demo/examples/announcer.ts ROOM FILE [SECONDS of pause, 30]
//
// Elsewhere, with the package installed, `../../operators/index.js` is `livekit-media-bot/operators`,
// `../../lib/engines/…` is `livekit-media-bot/engines/…`, and `../../streams/…` likewise.

import { readFile } from 'node:fs/promises';
import { AudioSource, LocalAudioTrack, TrackPublishOptions, TrackSource } from '@livekit/rtc-node';
import { concat, concatMap, defer, repeat, switchMap, takeUntil } from 'rxjs';
import { openMp3Decoder } from '../../lib/engines/mp3.js';
import { createSoxrResampler } from '../../lib/engines/resampler.js';
import {
  decodeMp3,
  fadeIn,
  paceTo,
  reframe,
  resampleTo48k,
  scaleGain,
} from '../../operators/index.js';
import { audioOutput } from '../../streams/audioOutput.js';
import { workInRoom } from './workInRoom.js';

const [roomName = 'call-1', file = 'announcement.mp3', pause = '30'] = process.argv.slice(2);

const source = new AudioSource(48_000, 1, 400);
const output = audioOutput(source, () => true);
const track = LocalAudioTrack.createAudioTrack('announcer', source);
const options = new TrackPublishOptions({ source: TrackSource.SOURCE_SCREENSHARE_AUDIO });

/** The file once, at most 200 ms ahead of the ear. */
const announcement$ = defer(() => readFile(file)).pipe(
  decodeMp3(openMp3Decoder),
  resampleTo48k(createSoxrResampler),
  paceTo({ queued: output.queued, lead: 200 }),
  scaleGain(0.8),
  fadeIn(),
  reframe(960),
  concatMap((frame) => output.write(frame)),
);

await workInRoom(roomName, 'announcer', (room, end$) => {
  const published$ = defer(() => room.localParticipant!.publishTrack(track, options));
  const again = repeat({ delay: 1000 * Number(pause) });
  const announcements$ = published$.pipe(switchMap(() => announcement$.pipe(again)));
  const cut$ = defer(() => output.cut());
  return concat(announcements$.pipe(takeUntil(end$)), cut$);
});
