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
  defer,
  filter,
  fromEvent,
  ignoreElements,
  interval,
  merge,
  type Observable,
  of,
  startWith,
  switchMap,
  tap,
  timer,
  using,
} from 'rxjs';
import type { Milliseconds } from '../operators/types.js';

/**
 * How far apart opposite requests for a voice are kept. Closer ones may reach the server in the
 * other order, for rtc-node's native part sends each in a task of its own (seen with 0.13.35: 51 of
 * 400 pairs). And where the server (1.13.5) reads both before it acts, it changes nothing, while the
 * SDK has let go of the track for good.
 */
const APART: Milliseconds = 500;
/** A voice that has not come by then is given up and asked for anew; the server tries every 3 s. */
const PATIENCE: Milliseconds = 5_000;

/** When voices of a room were given up for the last time, by the clock of `performance`. */
const givenUp = new WeakMap<Room, Milliseconds>();
/** Give up, once more, the voices of a room that nobody follows. */
const farewells = new WeakMap<Room, NodeJS.Timeout>();

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
 * the tracks that it has emitted end then. Whoever subscribes again within half a second gets them
 * when it is over.
 */
export function fromSubscribedTracks(
  room: Room,
  isWanted: (participant: RemoteParticipant) => boolean,
): Observable<SubscribedTrack> {
  const voices = () =>
    [...room.remoteParticipants.values()]
      .filter(isWanted)
      .flatMap(({ trackPublications }) => [...trackPublications.values()])
      .filter(isVoice);
  const missing = () => voices().filter(({ subscribed }) => !subscribed);
  const giveUp = (some: readonly RemoteTrackPublication[]) => {
    some.forEach((voice) => voice.setSubscribed(false));
    if (some.length > 0) givenUp.set(room, performance.now());
  };
  const ask$ = defer(() => {
    const wait = (givenUp.get(room) ?? -Infinity) + APART - performance.now();
    return wait > 0 ? timer(wait) : of(undefined);
  }).pipe(tap(() => missing().forEach((voice) => voice.setSubscribed(true))));
  const begin = () => {
    clearTimeout(farewells.get(room));
    return { unsubscribe: end };
  };
  const end = () => {
    giveUp(voices());
    // What was asked for just now may come after all.
    farewells.set(room, setTimeout(() => giveUp(voices()), APART).unref());
  };
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
    switchMap(() =>
      interval(PATIENCE).pipe(
        tap(() => giveUp(missing())),
        startWith(undefined),
      ),
    ),
    switchMap(() => ask$),
    ignoreElements(),
  );
  return using(begin, () => merge(subscribed$, asked$));
}
