import './quietRtcNode.js';

import {
  ContinualGatheringPolicy,
  IceServer,
  IceTransportType,
  type RemoteParticipant,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
} from '@livekit/rtc-node';
import { ReplaySubject } from 'rxjs';

import { DemoParticipant } from './demoParticipant.js';
import { type HeardWindow, heardWindows } from './heardWindows.js';
import { mintToken, type ServerAccess, type TokenRequest } from './mintToken.js';
import {
  type ReceivedCaption,
  receivedCaptions,
  type ReceivedTranscript,
  receivedTranscripts,
} from './transcripts.js';

export type { AttributesOf, DemoParticipant, Listening } from './demoParticipant.js';

/** How much of what was heard can be listened to again. */
const REMEMBERED_MS = 20_000;
/** A literal address: with the server's own list, the native library asks DNS for STUN hosts. */
const NO_STUN = new IceServer({ urls: ['stun:127.0.0.1:3478'] });

/** What a real client sends with its connection, but for the STUN servers. */
const RTC_CONFIG = {
  iceTransportType: IceTransportType.TRANSPORT_ALL,
  continualGatheringPolicy: ContinualGatheringPolicy.GATHER_CONTINUALLY,
  iceServers: [NO_STUN],
};

/**
 * Who picks the tracks that are heard: the server all of them (`auto`), the client each one as it
 * is told of it (`own`), or both, as LiveKit's SIP gateway does.
 */
export type Subscribing = 'auto' | 'own' | 'both';

/** Joins a room for real, hearing everything from the first track on. */
export async function joinRoom(
  server: ServerAccess,
  request: TokenRequest,
  subscribing: Subscribing = 'auto',
): Promise<DemoParticipant> {
  const room = new Room();
  if (subscribing !== 'auto') subscribeToAll(room);
  const heard = new ReplaySubject<HeardWindow>(Infinity, REMEMBERED_MS);
  const transcripts = new ReplaySubject<ReceivedTranscript>(Infinity);
  const captions = new ReplaySubject<ReceivedCaption>(Infinity);
  const listening = heardWindows(room).subscribe(heard);
  listening.add(receivedTranscripts(room).subscribe(transcripts));
  listening.add(receivedCaptions(room).subscribe(captions));
  const token = await mintToken(server, request);
  await room.connect(server.url, token, {
    autoSubscribe: subscribing !== 'own',
    dynacast: false,
    rtcConfig: RTC_CONFIG,
  });
  return new DemoParticipant(request.identity, room, { heard, transcripts, captions }, () => {
    listening.unsubscribe();
    for (const received of [heard, transcripts, captions]) received.complete();
  });
}

function subscribeToAll(room: Room): void {
  const subscribe = (publication: RemoteTrackPublication) => publication.setSubscribed(true);
  const takeAll = ({ trackPublications }: RemoteParticipant) =>
    trackPublications.forEach(subscribe);
  const takeEverybody = () => room.remoteParticipants.forEach(takeAll);
  room.on(RoomEvent.TrackPublished, subscribe);
  room.on(RoomEvent.ParticipantConnected, takeAll);
  room.on(RoomEvent.Connected, takeEverybody);
  room.on(RoomEvent.Reconnected, takeEverybody);
}
