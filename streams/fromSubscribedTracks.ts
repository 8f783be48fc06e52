import {
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  RoomEvent,
  TrackKind,
  TrackSource,
} from '@livekit/rtc-node';
import {
  filter,
  fromEvent,
  ignoreElements,
  merge,
  type Observable,
  startWith,
  tap,
  using,
} from 'rxjs';

/** A track that is subscribed to, and who publishes it. */
export interface SubscribedTrack {
  readonly track: RemoteTrack;
  readonly publication: RemoteTrackPublication;
  readonly participant: RemoteParticipant;
}

/** A voice, as opposed to the sound of a shared screen, or of a media bot. */
const isVoice = ({ kind, source }: RemoteTrackPublication): boolean =>
  kind === TrackKind.KIND_AUDIO && source !== TrackSource.SOURCE_SCREENSHARE_AUDIO;

/**
 * The voices of those who satisfy, each as soon as it can be heard.
 *
 *     room         ---publishes-------reconnected---
 *     subscribe    ^------------------------------!
 *     result       a----b-------------A--B---------      A, B: the same voices, as tracks anew
 *
 * Nothing of anybody else is subscribed to, and nothing at all once this is unsubscribed from:
 * the tracks that it has emitted end then.
 */
export function fromSubscribedTracks(
  room: Room,
  isWanted: (participant: RemoteParticipant) => boolean,
): Observable<SubscribedTrack> {
  function subscribe(subscribed: boolean): void {
    for (const participant of room.remoteParticipants.values()) {
      if (!isWanted(participant)) continue;
      for (const publication of participant.trackPublications.values()) {
        if (isVoice(publication)) publication.setSubscribed(subscribed);
      }
    }
  }
  const subscribed$ = fromEvent(
    room,
    RoomEvent.TrackSubscribed,
    (
      track: RemoteTrack,
      publication: RemoteTrackPublication,
      participant: RemoteParticipant,
    ): SubscribedTrack => ({ track, publication, participant }),
  ).pipe(filter(({ publication, participant }) => isVoice(publication) && isWanted(participant)));
  // Asked for whenever there may be another one: it is no harm to ask for the same again.
  const asked$ = merge(
    fromEvent(room, RoomEvent.TrackPublished),
    fromEvent(room, RoomEvent.ParticipantConnected),
    fromEvent(room, RoomEvent.Reconnected),
  ).pipe(
    startWith(undefined),
    tap(() => subscribe(true)),
    ignoreElements(),
  );
  return using(
    () => ({ unsubscribe: () => subscribe(false) }),
    () => merge(subscribed$, asked$),
  );
}
