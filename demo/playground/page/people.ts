import { type Participant, ParticipantKind, type Room, RoomEvent } from 'livekit-client';
import { auditTime, fromEventPattern, map, merge, type Observable, startWith } from 'rxjs';

import { isMediaBot } from '../../../operators/isMediaBot.js';

/** Somebody in the room, as seen from this page at one moment. */
export interface Person {
  readonly identity: string;
  readonly isBot: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  /** Audio tracks, and whether they are sent to this page. */
  readonly tracks: readonly { readonly sid: string; readonly isReceived: boolean }[];
}

const CHANGES = [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantAttributesChanged,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.Reconnected,
] as const;

/** Everybody in the room, oneself first, now and at each change. */
export function people(room: Room): Observable<readonly Person[]> {
  return changesOf(room).pipe(
    // Several changes at once are one.
    auditTime(20),
    startWith(undefined),
    map(() => [room.localParticipant, ...room.remoteParticipants.values()].map(toPerson)),
  );
}

/** Something has changed about who is there, what they send or what is said of them. */
function changesOf(room: Room): Observable<unknown> {
  return merge(
    ...CHANGES.map((event) =>
      fromEventPattern(
        (handler) => room.on(event, handler),
        (handler) => room.off(event, handler),
      ),
    ),
  );
}

function toPerson(participant: Participant): Person {
  const { identity, attributes, kind, isLocal, audioTrackPublications } = participant;
  const isAgent = kind === ParticipantKind.AGENT;
  return {
    identity,
    isBot: isMediaBot({ identity, isAgent, attributes }, 'media-bot'),
    attributes: { ...attributes },
    tracks: [...audioTrackPublications.values()].map(({ trackSid, isSubscribed }) => ({
      sid: trackSid,
      isReceived: !isLocal && isSubscribed,
    })),
  };
}

/** What a person is called on this page: a bot's identity is long, and a new one each time. */
export function nameOf({ identity, isBot }: Pick<Person, 'identity' | 'isBot'>): string {
  return isBot ? 'Media Bot' : identity;
}
