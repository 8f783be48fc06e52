import {
  type RemoteParticipant,
  type Room,
  RoomEvent,
  type TextStreamReader,
} from '@livekit/rtc-node';
import { filter, fromEvent, map, mergeMap, Observable } from 'rxjs';

import type { TranscriptPacket } from '../../lib/client/client.js';
import { checkContract } from '../checkContract.js';
import { now } from './heardWindows.js';

/** A transcript as a data packet of topic `transcript`. */
export interface ReceivedTranscript {
  /** When it arrived, in epoch milliseconds as of `now()`. */
  readonly at: number;
  /** Who sent it. */
  readonly from: string;
  readonly packet: TranscriptPacket;
}

/** A transcript as LiveKit's own UI parts get it: a text stream of topic `lk.transcription`. */
export interface ReceivedCaption {
  /** When all of it had arrived, in epoch milliseconds as of `now()`. */
  readonly at: number;
  /** How many streams had been opened before it. The SDK may end them in another order. */
  readonly index: number;
  /** On whose behalf it was sent. */
  readonly from: string;
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** By the name that every media bot joins under. */
const isBot = (identity: string) => identity.startsWith('media-bot-');

/**
 * Every transcript that a participant is sent as a data packet, from now on; errors with one of a
 * media bot that breaks the contract.
 */
export function receivedTranscripts(room: Room): Observable<ReceivedTranscript> {
  return fromEvent(room, RoomEvent.DataReceived).pipe(
    map((event) => event as [Uint8Array, RemoteParticipant | undefined, number, string?]),
    filter(([, , , topic]) => topic === 'transcript'),
    map(([data, sender]) => {
      const from = sender?.identity ?? '';
      const packet = JSON.parse(new TextDecoder().decode(data)) as TranscriptPacket;
      return {
        at: now(),
        from,
        packet: isBot(from) ? checkContract('transcript', packet) : packet,
      };
    }),
  );
}

/** Every transcript that a participant is sent as a text stream. A room has room for one listener. */
export function receivedCaptions(room: Room): Observable<ReceivedCaption> {
  const opened = new Observable<readonly [TextStreamReader, string]>((subscriber) => {
    room.registerTextStreamHandler('lk.transcription', (reader, { identity }) => {
      subscriber.next([reader, identity]);
    });
    return () => room.unregisterTextStreamHandler('lk.transcription');
  });
  return opened.pipe(
    mergeMap(async ([reader, from], index) => {
      const text = await reader.readAll();
      return { at: now(), index, from, text, attributes: { ...reader.info.attributes } };
    }),
  );
}
