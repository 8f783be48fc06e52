import { AudioSource, LocalAudioTrack } from '@livekit/rtc-node';
import type { Settings } from './config.js';
import { createRoomService } from './roomService.js';

const API_TIMEOUT_SECONDS = 2;
const SAMPLE_RATE = 48_000;

/** The native library's threads and codecs: made with the first track of a process. */
async function makeTrack(): Promise<void> {
  const source = new AudioSource(SAMPLE_RATE, 1);
  await LocalAudioTrack.createAudioTrack('rehearsal', source).close();
}

/**
 * Does once what is slow only the first time in a process, so that the first call of a host, which
 * may be one whose caller waits for its music to come back, need not wait for it: a track that
 * nobody hears, and a question to the server API whose answer nobody needs.
 *
 * Takes some 0.1 s. Never rejects: what fails here will fail, and be told, where it matters.
 */
export async function rehearse({ livekit }: Pick<Settings, 'livekit'>): Promise<void> {
  const nobody = createRoomService(livekit, API_TIMEOUT_SECONDS).listRooms(['rehearsal']);
  await Promise.allSettled([nobody, makeTrack()]);
}
