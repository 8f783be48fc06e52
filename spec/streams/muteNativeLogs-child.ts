import { AudioSource, LocalAudioTrack } from '@livekit/rtc-node';
import { muteNativeLogs } from '../../streams/muteNativeLogs.js';

/*
 * Program: makes a track, and tells how many events with lines of the native log that came to.
 * Argument: `muted`, or nothing.
 */
if (process.argv[2] === 'muted') muteNativeLogs();
const source = new AudioSource(48_000, 1);
let lines = 0;
globalThis._ffiClientInstance!.on('ffi_event', (event: { message: { case?: string } }) => {
  if (event.message.case === 'logs') lines += 1;
});
await LocalAudioTrack.createAudioTrack('track', source).close();
// The native part hands its lines over in turn: all of the track's have come before this answer.
await new Promise((resolve) => setTimeout(resolve, 500));
process.send?.(lines, () => process.exit());
