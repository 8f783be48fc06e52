import {
  AudioSource,
  ConnectionState,
  LocalAudioTrack,
  type LocalParticipant,
  type LocalTrackPublication,
  type RemoteParticipant,
  type Room,
  RoomEvent,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import {
  FfiRequest,
  livekitFfiRequest,
  ParticipantTrackPermission,
  SetTrackSubscriptionPermissionsRequest,
} from '@livekit/rtc-ffi-bindings';
import {
  defer,
  filter,
  from,
  fromEvent,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  race,
  startWith,
  switchMap,
  tap,
  timer,
  using,
} from 'rxjs';
import type { Hertz, Milliseconds } from '../operators/types.js';

const SAMPLE_RATE: Hertz = 48_000;
const TRACK_NAME = 'media';
/** Longest wait for the listener's subscription; one who takes no tracks must not block commands. */
const SUBSCRIPTION_DEADLINE: Milliseconds = 1000;
/**
 * When the permissions are sent again. Of two messages that follow each other closely the second may
 * reach the server first, for the native part sends each in a task of its own (seen with rtc-node
 * 0.13.35: 62 of 400 pairs): the older list would stand, and a listener never hear a thing.
 */
const SENT_AGAIN: readonly Milliseconds[] = [100, 500, 2_000];
/** Opus for music, in bit/s. */
const MUSIC_BITRATE = 64_000n;
/**
 * Audio that the native source takes before it makes the writer wait: more than a paced writer has
 * in hand, so that a cut finds no write under way that it would have to wait for.
 */
const SOURCE_QUEUE: Milliseconds = 300;

/** By then nobody writes to a source any more whose track was withdrawn: what waits is shorter. */
const QUIET_AFTER: Milliseconds = 1_000;

/**
 * Sources of rooms that the server has closed. rtc-node's native part never frees one that was
 * published then (0.13.35): its thread would go on ticking every 10 ms. So they are used again.
 */
const spareSources: AudioSource[] = [];

function takeSource(): AudioSource {
  const spare = spareSources.pop();
  spare?.clearQueue();
  return spare ?? new AudioSource(SAMPLE_RATE, 1, SOURCE_QUEUE);
}

/** Not at once: the last write may be under way. */
function keepSource(source: AudioSource): void {
  setTimeout(() => spareSources.push(source), QUIET_AFTER).unref();
}

type Grants = Map<string, LocalTrackPublication>;

/**
 * The connection was built anew while a track was being published. After that, tracks which this
 * connection publishes may stay silent for ever (seen with rtc-node 0.13.35): join the room again.
 */
export class PublicationInterrupted extends Error {
  override readonly name = 'PublicationInterrupted';
}

/** A track that one listener alone can hear. */
export interface PrivateTrack {
  /** 48 kHz mono s16; silent until something is written. */
  readonly source: AudioSource;
  /**
   * Whether what is written now is heard by the listener alone. Not so while the SDK builds the
   * connection anew: the tracks are published again before the permissions are.
   */
  readonly isOpen: () => boolean;
}

/** Lets each listener subscribe to their own track and nobody to any other; replaces the whole list. */
function setPermissions(room: Room, grants: Grants): void {
  // rtc-node 0.13 exports no call for this message; the native library below it knows it.
  const value = new SetTrackSubscriptionPermissionsRequest({
    localParticipantHandle: local(room).ffi_handle.handle,
    allParticipantsAllowed: false,
    permissions: [...grants].map(
      ([participantIdentity, { sid }]) =>
        new ParticipantTrackPermission({
          participantIdentity,
          allowAll: false,
          allowedTrackSids: sid === undefined ? [] : [sid],
        }),
    ),
  });
  const request = new FfiRequest({ message: { case: 'setTrackSubscriptionPermissions', value } });
  livekitFfiRequest(request.toBinary());
}

/** Lets rtc-node's native part take a new track; dtx and red are for speech. */
function publish(room: Room, track: LocalAudioTrack): Promise<LocalTrackPublication> {
  const options = new TrackPublishOptions({
    source: TrackSource.SOURCE_SCREENSHARE_AUDIO,
    dtx: false,
    red: false,
    audioEncoding: { maxBitrate: MUSIC_BITRATE },
  });
  return withoutEventLock(local(room)).publishTrack(track, options);
}

/**
 * Publishes tracks named `media` that only their own listener may subscribe to. Nobody is allowed
 * anything before the first track exists; each permission is granted once, however often it is sent,
 * and never revoked: then granted again it is heard seconds late (measured on livekit-server 1.13.5).
 *
 * Each subscription to `publishFor(listener)` publishes one track and emits it once the listener
 * has subscribed to it, or after a second if they do not. Unsubscribing unpublishes it.
 *
 *     subscribe   ^-------------------!
 *     result      ------T--------------      T: published, allowed, subscribed
 *
 * Errors: when the server refuses the track; `PublicationInterrupted`.
 */
export function privateTracks(room: Room): (listener: string) => Observable<PrivateTrack> {
  const grants: Grants = new Map();
  const allow = () => setPermissions(room, grants);
  const allowed$ = merge(of(0), ...SENT_AGAIN.map((delay) => timer(delay))).pipe(
    tap(allow),
    ignoreElements(),
  );
  allow();
  return (listener) =>
    defer(() => {
      const source = takeSource();
      const track = LocalAudioTrack.createAudioTrack(TRACK_NAME, source);
      const published = publish(room, track);
      let rebuilding = false;
      const isOpen = () => !rebuilding || room.connectionState === ConnectionState.CONN_CONNECTED;
      const withdraw = () =>
        published
          .then(({ sid = '' }) => withoutEventLock(local(room)).unpublishTrack(sid))
          .catch(() => undefined)
          .then(() => {
            // Any other may be published once more, by an SDK that rebuilds its connection.
            if (room.connectionState !== ConnectionState.CONN_DISCONNECTED) return track.close();
            return track.close(false).then(() => keepSource(source));
          });
      const release = () => {
        grants.delete(listener);
        void withdraw();
      };
      return using(
        () => ({ unsubscribe: release }),
        () =>
          race(from(published), interrupted(room)).pipe(
            tap((publication) => grants.set(listener, publication)),
            mergeMap((publication) =>
              merge(
                republished(room, publication).pipe(
                  startWith(publication),
                  switchMap(() => allowed$),
                ),
                fromRebuilding(room).pipe(
                  tap((value) => (rebuilding = value)),
                  ignoreElements(),
                ),
                heard(publication).pipe(map(() => ({ source, isOpen }))),
              ),
            ),
          ),
      );
    });
}

/** The SDK publishes anew under another SID when the bot's connection had to be rebuilt. */
function republished(room: Room, publication: LocalTrackPublication): Observable<unknown> {
  return merge(
    fromEvent(room, RoomEvent.LocalTrackRepublished, (again: LocalTrackPublication) => again).pipe(
      filter((again) => again === publication),
    ),
    fromEvent(room, RoomEvent.Reconnected),
  );
}

/**
 * Only a connection that is built anew, unlike one that is resumed, makes everybody leave, and for
 * no reason. Somebody who leaves like that by themselves changes nothing: the bot stays connected.
 */
function fromRebuilding(room: Room): Observable<boolean> {
  return merge(
    fromEvent(
      room,
      RoomEvent.ParticipantDisconnected,
      ({ disconnectReason }: RemoteParticipant) => disconnectReason === undefined,
    ).pipe(filter(Boolean)),
    fromEvent(room, RoomEvent.Reconnected).pipe(map(() => false)),
  );
}

function interrupted(room: Room): Observable<never> {
  return fromRebuilding(room).pipe(
    filter(Boolean),
    map(() => {
      throw new PublicationInterrupted('the connection was built anew during a publication');
    }),
  );
}

function heard(publication: LocalTrackPublication): Observable<unknown> {
  return race(
    defer(() => publication.waitForSubscription()),
    timer(SUBSCRIPTION_DEADLINE),
  );
}

function local(room: Room): LocalParticipant {
  if (room.localParticipant === undefined) throw new Error('the room is not joined');
  return room.localParticipant;
}

/**
 * The same participant, whose calls do not hold back the room's events. The SDK's own do until the
 * server has answered, and where it does not (the room is being closed, the connection lost) that
 * is 10 s in which no command and not even the end of the room is seen.
 */
const withoutEventLock = (participant: LocalParticipant): LocalParticipant =>
  Object.create(participant, {
    ffiEventLock: { value: { lock: () => Promise.resolve(() => undefined) } },
  }) as LocalParticipant;
