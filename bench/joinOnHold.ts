import '../demo/participants/quietRtcNode.js';

import { AudioStream, type RemoteTrack, Room, RoomEvent } from '@livekit/rtc-node';
import { BehaviorSubject, filter } from 'rxjs';

import { firstWithin } from '../demo/firstWithin.js';
import { mintToken, type ServerAccess } from '../demo/participants/mintToken.js';
import { firstAudible } from './audibleAt.js';

const DEADLINE_MS = 30_000;
/** Few events, for there are many callers in one process: whether there is sound is all they tell. */
const LISTENING = { sampleRate: 16_000, numChannels: 1, frameSizeMs: 100 };

/** A caller who hears hold music. */
export interface CallerOnHold {
  /** For how long there was sound so far, in milliseconds. */
  heardMs(): number;
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
  const heardMs = new BehaviorSubject(0);
  room.on(RoomEvent.TrackSubscribed, (track) => void listen(track, heardMs));
  await room.connect(server.url, token, { autoSubscribe: true, dynacast: false });
  await firstWithin(heardMs.pipe(filter(Boolean)), DEADLINE_MS, `music in ${roomName}`);
  return { heardMs: () => heardMs.value, leave: () => room.disconnect() };
}

async function listen(track: RemoteTrack, heardMs: BehaviorSubject<number>): Promise<void> {
  for await (const { data } of new AudioStream(track, LISTENING)) {
    if (firstAudible(data) !== -1) heardMs.next(heardMs.value + LISTENING.frameSizeMs);
  }
}
