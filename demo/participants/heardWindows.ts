import './quietRtcNode.js';

import {
  AudioStream,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  RoomEvent,
  TrackKind,
  TrackSource,
} from '@livekit/rtc-node';
import { filter, fromEvent, map, mergeMap, Observable } from 'rxjs';

/** 20 ms of one track, as it arrived at one listener's ear. */
export interface HeardWindow {
  /** Identity of the one who published it. */
  readonly from: string;
  readonly trackName: string;
  readonly trackSid: string;
  readonly source: TrackSource;
  /** When it arrived, in epoch milliseconds with fractions. */
  readonly at: number;
  /** 48 kHz mono. */
  readonly samples: Int16Array;
}

type Subscribed = [RemoteTrack, RemoteTrackPublication, RemoteParticipant];

/**
 * Everything a participant hears, every track by itself, in windows of 20 ms.
 *
 *     source  --A----------B---     audio tracks as they are subscribed
 *     result  --aaaaaaaaaababab     a track's windows end when it is unsubscribed
 *
 * Subscribe before the room connects, or the tracks that are there already are missed.
 */
export function heardWindows(room: Room): Observable<HeardWindow> {
  return fromEvent(room, RoomEvent.TrackSubscribed).pipe(
    map((event) => event as Subscribed),
    filter(([track]) => track.kind === TrackKind.KIND_AUDIO),
    mergeMap(([track, publication, participant]) => {
      const { name = '', sid = '', source = TrackSource.SOURCE_UNKNOWN } = publication;
      const origin = { from: participant.identity, trackName: name, trackSid: sid, source };
      return windowsOf(track).pipe(map((samples) => ({ ...origin, at: now(), samples })));
    }),
  );
}

/** The clock of every measurement: epoch milliseconds, but steady and with fractions. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

function windowsOf(track: RemoteTrack): Observable<Int16Array> {
  return new Observable((subscriber) => {
    const options = { sampleRate: 48_000, numChannels: 1, frameSizeMs: 20 };
    const reader = new AudioStream(track, options).getReader();
    const pump = async (): Promise<void> => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        subscriber.next(value.data);
      }
      subscriber.complete();
    };
    pump().catch((cause: unknown) => subscriber.error(cause));
    return () => void reader.cancel().catch(() => undefined);
  });
}
