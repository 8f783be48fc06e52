import { type RemoteTrackPublication, RoomEvent } from '@livekit/rtc-node';
import { filter, fromEvent, map, startWith } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import { type Scene, SOON } from './scene.js';
import type { RunningCall } from './startCall.js';
import { TrackRecording } from './trackRecording.js';

/** Somebody whose own track is recorded at both of its ends. */
export interface RecordedListener {
  /** As the bot's native source plays it, to the sample. */
  readonly sent: TrackRecording;
  /** As the listener gets it: through Opus, the server and the jitter buffer. */
  readonly heard: TrackRecording;
  readonly close: () => Promise<unknown>;
}

function ownTrack({ room }: DemoParticipant, bot: string): RemoteTrackPublication | undefined {
  const publications = room.remoteParticipants.get(bot)?.trackPublications.values() ?? [];
  return [...publications].find(({ track }) => track !== undefined);
}

/** Joins somebody and records their track, from before anything is played on it. */
export async function recordedListener(
  scene: Scene,
  bot: RunningCall,
  identity: string,
): Promise<RecordedListener> {
  const listener = await scene.join(identity);
  const own = fromEvent(listener.room, RoomEvent.TrackSubscribed).pipe(
    startWith(undefined),
    map(() => ownTrack(listener, bot.identity)),
    filter((publication) => publication !== undefined),
  );
  const { sid = '', track } = await firstWithin(own, SOON, `a track for ${identity}`);
  const sent = new TrackRecording(bot.room().localParticipant!.trackPublications.get(sid)!.track!);
  const heard = new TrackRecording(track!);
  return { sent, heard, close: () => Promise.all([sent.close(), heard.close()]) };
}
