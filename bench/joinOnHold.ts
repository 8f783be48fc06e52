import '../demo/participants/quietRtcNode.js';

import { AudioStream, type RemoteTrack, Room, RoomEvent } from '@livekit/rtc-node';
import { filter, Subject } from 'rxjs';

import { firstWithin } from '../demo/firstWithin.js';
import { mintToken, type ServerAccess } from '../demo/participants/mintToken.js';
import { createSoundMeter, type SoundMeter } from './soundMeter.js';

const DEADLINE_MS = 30_000;
/** Few events, for there are many callers in one process. */
const LISTENING = { sampleRate: 16_000, numChannels: 1, frameSizeMs: 100 };

/** A caller who hears hold music. */
export interface CallerOnHold {
  /** What is heard. */
  readonly meter: Pick<SoundMeter, 'heardMs' | 'takeLongestGap'>;
  leave(): Promise<void>;
}

/**
 * Joins a room as somebody who is on hold already, and resolves when the music is heard.
 *
 * @throws Error when that takes more than 30 s.
 */
export async function joinOnHold(
  server: ServerAccess,
  roomName: string,
  url: string,
): Promise<CallerOnHold> {
  const attributes = {
    'media.command': 'play',
    'media.asset_url': url,
    'media.loop': 'true',
    'media.command_id': roomName,
  };
  const request = { room: roomName, identity: 'caller', kind: 'sip', attributes } as const;
  const token = await mintToken(server, request);
  const room = new Room();
  const meter = createSoundMeter(LISTENING.sampleRate / 1_000);
  const heard = new Subject<void>();
  room.on(RoomEvent.TrackSubscribed, (track) => void listen(track, meter, heard));
  await room.connect(server.url, token, { autoSubscribe: true, dynacast: false });
  const music = heard.pipe(filter(() => meter.heardMs() > 0));
  await firstWithin(music, DEADLINE_MS, `music in ${roomName}`);
  return { meter, leave: () => room.disconnect() };
}

async function listen(track: RemoteTrack, meter: SoundMeter, heard: Subject<void>): Promise<void> {
  for await (const { data } of new AudioStream(track, LISTENING)) {
    meter.hear(data);
    heard.next();
  }
}
