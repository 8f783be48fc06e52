import './quietRtcNode.js';

import {
  ContinualGatheringPolicy,
  IceServer,
  IceTransportType,
  type Participant,
  type RemoteParticipant,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
} from '@livekit/rtc-node';
import { concat, defer, filter, fromEvent, map, merge, Observable, of, ReplaySubject } from 'rxjs';

import { firstWithin } from '../firstWithin.js';
import { levelDbfs } from '../toneRecognizer.js';
import { firstTone } from './firstTone.js';
import { type HeardWindow, heardWindows, now } from './heardWindows.js';
import { isAudible, lastSound } from './lastSound.js';
import { mintToken, type ServerAccess, type TokenRequest } from './mintToken.js';
import { publishMicrophone, type ToneMicrophone } from './toneMicrophone.js';

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

/** A map of attributes, and whose it is. */
export interface AttributesOf {
  readonly identity: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What to listen for: whom, since when, how long. */
export interface Listening {
  /** Deadline in milliseconds from now; then the promise rejects and says what was heard instead. */
  readonly within: number;
  /** Only what this identity publishes; everybody when missing. */
  readonly from?: string;
  /** Epoch milliseconds as of `now()`; what arrived earlier does not count. Now when missing. */
  readonly since?: number;
}

/** A participant of a call who can whistle, listen and remember what was heard. */
export class DemoParticipant {
  /** What was heard in the last 20 s, then what is heard; completes on leaving. */
  readonly heard: Observable<HeardWindow>;
  /** Anybody's attributes as they join and at each change, the whole map each time. */
  readonly attributes: Observable<AttributesOf>;
  private microphone: Promise<ToneMicrophone> | undefined;

  /** Use `joinRoom`. */
  constructor(
    readonly identity: string,
    /** The real room underneath: its events, its participants, `simulateScenario`. */
    readonly room: Room,
    heard: Observable<HeardWindow>,
    private readonly forget: () => void,
  ) {
    this.heard = heard;
    const changed = fromEvent(room, RoomEvent.ParticipantAttributesChanged).pipe(
      map((event) => (event as [Record<string, string>, Participant])[1]),
    );
    // A change soon after somebody joined arrives with the news that they did, and as nothing else.
    const joined = fromEvent(room, RoomEvent.ParticipantConnected).pipe(
      map((participant) => participant as Participant),
    );
    this.attributes = merge(changed, joined).pipe(
      map(({ identity, attributes }) => ({ identity, attributes })),
    );
  }

  /** Whistles a tone from now on; publishes the microphone the first time. 0 is silence. */
  async speak(hz: number): Promise<void> {
    this.microphone ??= publishMicrophone(this.room);
    (await this.microphone).play(hz);
  }

  /** Unpublishes the microphone; `speak` publishes a new one. */
  async unpublish(): Promise<void> {
    const microphone = await this.microphone;
    this.microphone = undefined;
    await microphone?.close((sid) => this.room.localParticipant!.unpublishTrack(sid));
  }

  /** Resolves with the first window in which the tone was heard. `share`: see `firstTone`. */
  waitForTone(hz: number, listening: Listening, share?: number): Promise<HeardWindow> {
    const heard = this.heardFrom(listening).pipe(firstTone(hz, share));
    return this.orSay(heard, `${hz} Hz`, listening);
  }

  /** Resolves with the first window in which anything was heard, louder than -60 dBFS. */
  waitForSound(listening: Listening): Promise<HeardWindow> {
    const heard = this.heardFrom(listening).pipe(filter(isAudible));
    return this.orSay(heard, 'any sound', listening);
  }

  /** Resolves with the arrival of the last sound, once it has been silent for `quietMs`. */
  waitForSilence(listening: Listening & { readonly quietMs?: number }): Promise<number> {
    const { quietMs = 300, since = now() } = listening;
    const heard = this.heardFrom({ ...listening, since }).pipe(lastSound(quietMs, since));
    return this.orSay(heard, `silence of ${quietMs} ms`, listening);
  }

  /** What has been heard since then, of somebody or of all; at most the last 20 s. */
  heardSince(since: number, from?: string): readonly HeardWindow[] {
    const windows: HeardWindow[] = [];
    // A replaying stream hands over what it remembers before subscribe returns.
    this.heardFrom({ since, ...(from !== undefined && { from }) })
      .subscribe({ next: (window) => windows.push(window), error: () => undefined })
      .unsubscribe();
    return windows;
  }

  /** Resolves with somebody's attributes, present ones included, as soon as they satisfy. */
  waitForAttributes(
    identity: string,
    satisfy: (attributes: Readonly<Record<string, string>>) => boolean,
    within: number,
  ): Promise<Readonly<Record<string, string>>> {
    const present = defer(() => of(this.room.remoteParticipants.get(identity)?.attributes ?? {}));
    const changed = this.attributes.pipe(
      filter((change) => change.identity === identity),
      map((change) => change.attributes),
    );
    const satisfying = concat(present, changed).pipe(filter(satisfy));
    return firstWithin(satisfying, within, `attributes of ${identity} as awaited`);
  }

  /** Leaves the room and stops listening. Leaving twice, or a closed room, is no harm. */
  async leave(): Promise<void> {
    const microphone = await this.microphone;
    this.microphone = undefined;
    // Not unpublished first: that fails in a room which is just being closed.
    const disconnect = () => this.room.disconnect();
    await (microphone?.close(disconnect) ?? disconnect());
    this.forget();
  }

  private heardFrom({ from, since = now() }: Omit<Listening, 'within'>): Observable<HeardWindow> {
    return this.heard.pipe(
      filter((window) => window.at >= since && (from === undefined || window.from === from)),
    );
  }

  private orSay<T>(heard: Observable<T>, what: string, { within }: Listening): Promise<T> {
    return firstWithin(heard, within, what).catch((cause: unknown) => {
      const instead = this.inWords();
      throw new Error(`${this.identity} did not hear ${what} within ${within} ms: ${instead}`, {
        cause,
      });
    });
  }

  private inWords(): string {
    const latest = this.heardSince(0).map(
      ({ from, trackName, samples }) =>
        [`${from}/${trackName}`, `${levelDbfs(samples).toFixed(0)} dBFS`] as const,
    );
    const words = [...new Map(latest)].map(([track, level]) => `${track} at ${level}`);
    return words.join(', ') || 'no track';
  }
}

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
  const listening = heardWindows(room).subscribe(heard);
  const token = await mintToken(server, request);
  await room.connect(server.url, token, {
    autoSubscribe: subscribing !== 'own',
    dynacast: false,
    rtcConfig: RTC_CONFIG,
  });
  return new DemoParticipant(request.identity, room, heard, () => {
    listening.unsubscribe();
    heard.complete();
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
