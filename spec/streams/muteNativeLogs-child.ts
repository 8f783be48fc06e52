import { AudioFrame, AudioSource, LocalAudioTrack } from '@livekit/rtc-node';
import { muteNativeLogs } from '../../streams/muteNativeLogs.js';

/*
 * Program: makes a few tracks, and tells how many lines of the native log have come as events.
 * Argument: `muted`, or nothing.
 */
const TRACKS = 5;

if (process.argv[2] === 'muted') muteNativeLogs();
let lines = 0;
const tracks = Array.from({ length: TRACKS }, () => {
  const source = new AudioSource(48_000, 1);
  return LocalAudioTrack.createAudioTrack('track', source);
});
globalThis._ffiClientInstance!.on('ffi_event', ({ message }) => {
  if (message.case === 'logs') lines += 1;
});
for (const track of tracks) await track.close();
// Lines are handed over in their order, and so before an answer to what is asked after them.
const last = new AudioSource(48_000, 1, 100);
await last.captureFrame(new AudioFrame(new Int16Array(480), 48_000, 1, 480));
process.send?.(lines, () => process.exit());
