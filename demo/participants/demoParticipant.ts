import { type Participant, type Room, RoomEvent } from '@livekit/rtc-node';
import { concat, defer, filter, fromEvent, map, merge, type Observable, of } from 'rxjs';

import { checkAnswers } from '../checkContract.js';
import { firstWithin } from '../firstWithin.js';
import { levelDbfs } from '../toneRecognizer.js';
import { firstTone } from './firstTone.js';
import { type HeardWindow, now } from './heardWindows.js';
import { isAudible, lastSound } from './lastSound.js';
import { type Microphone, publishMicrophone } from './microphone.js';
import type { Speech, Spoken } from './mouth.js';
import type { ReceivedCaption, ReceivedTranscript } from './transcripts.js';

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

/** What reaches a participant, remembered for those who ask later. */
export type Received = Pick<DemoParticipant, 'heard' | 'transcripts' | 'captions'>;

/** A participant of a call who can whistle, speak, listen and remember what was heard and read. */
export class DemoParticipant {
  /** What was heard in the last 20 s, then what is heard; completes on leaving. */
  readonly heard: Observable<HeardWindow>;
  /** Transcripts that were received since joining, then those that are, as data packets. */
  readonly transcripts: Observable<ReceivedTranscript>;
  /** The same, as text streams. */
  readonly captions: Observable<ReceivedCaption>;
  /** Anybody's attributes as they join and at each change, the whole map each time. */
  readonly attributes: Observable<AttributesOf>;
  private microphone: Promise<Microphone> | undefined;

  /** Use `joinRoom`. */
  constructor(
    readonly identity: string,
    /** The real room underneath: its events, its participants, `simulateScenario`. */
    readonly room: Room,
    { heard, transcripts, captions }: Received,
    private readonly forget: () => void,
  ) {
    [this.heard, this.transcripts, this.captions] = [heard, transcripts, captions];
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

  /**
   * Says a phrase, after those that are being said; publishes the microphone the first time, which
   * is live from then on. Resolves as it ends, with when it left the microphone.
   */
  async say(speech: Speech): Promise<Spoken> {
    this.microphone ??= publishMicrophone(this.room);
    return (await this.microphone).say(speech);
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

  /**
   * Resolves with somebody's attributes, present ones included, as soon as they satisfy; rejects
   * where the bot's answers among them break the contract.
   */
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
    const satisfying = concat(present, changed).pipe(filter(satisfy), map(checkAnswers));
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
    return `${words.join(', ') || 'no track'}; there are ${this.publications().join(', ') || 'none'}`;
  }

  /** What others publish, as far as this participant knows. */
  private publications(): readonly string[] {
    return [...this.room.remoteParticipants.values()].flatMap(({ identity, trackPublications }) =>
      [...trackPublications.values()].map(
        ({ name, subscribed }) => `${identity}/${name}${subscribed ? '' : ' (not subscribed)'}`,
      ),
    );
  }
}
