import { ConnectionState, type LocalParticipant, type Room, RoomEvent } from '@livekit/rtc-node';
import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  filter,
  fromEvent,
  map,
  type Observable,
  type OperatorFunction,
  retry,
  startWith,
  take,
  throwIfEmpty,
  timer,
} from 'rxjs';
import { fullJitter, type Growth } from '../operators/fullJitter.js';

/** A text that somebody has said, in both forms in which it is published. */
export interface TranscriptMessage {
  readonly packet: { readonly id: string; readonly text: string };
  readonly speaker: { readonly identity: string; readonly trackSid: string };
  /** Identities; a message for nobody is not sent. */
  readonly receivers: 'everybody' | readonly string[];
}

/** Topic of the data packets: contract, "Transcription". */
const PACKET_TOPIC = 'transcript';
/** LiveKit's own, with the attributes that its UI parts look for. */
const STREAM_TOPIC = 'lk.transcription';
const ATTEMPTS = 5;
const DELAYS: Growth = { first: 200 };

/**
 * Publishes what comes as a reliable data packet and as a transcription text stream on behalf of
 * the speaker, one after the other, and emits what has been sent.
 *
 *     source  -a-b------c-
 *     result  --A--B----C-      messages
 *
 * While the bot reconnects, everything waits: the SDK would send what it has taken afterwards, and
 * who is to receive it may be others by then. What fails is tried again with full-jitter backoff.
 *
 * @param address makes the message, when it is its turn to be sent.
 * @param onFailed told when a message could not be sent at last; the stream goes on with the next.
 */
export function toDataChannel<T, M extends TranscriptMessage>(
  room: Room,
  address: OperatorFunction<T, M>,
  onFailed: (error: unknown, item: T) => void,
): OperatorFunction<T, M> {
  return concatMap((item) =>
    connected(room).pipe(
      map(() => item),
      address,
      take(1),
      throwIfEmpty(),
      concatMap((message) =>
        persistently(() => sendPacket(local(room), message)).pipe(
          concatMap(() => persistently(() => sendText(local(room), message))),
          map(() => message),
        ),
      ),
      catchError((error: unknown) => {
        onFailed(error, item);
        return EMPTY;
      }),
    ),
  );
}

/** Emits once, as soon as there is a connection. */
function connected(room: Room): Observable<unknown> {
  return defer(() =>
    fromEvent(room, RoomEvent.Reconnected).pipe(
      startWith(undefined),
      filter(() => room.connectionState === ConnectionState.CONN_CONNECTED),
      take(1),
    ),
  );
}

/** What the SDK has taken it delivers, however long that takes: only what it refuses is repeated. */
function persistently(send: () => Promise<void>): Observable<void> {
  return defer(send).pipe(
    retry({
      count: ATTEMPTS,
      delay: (_error, attempt) => timer(fullJitter(attempt, DELAYS)),
    }),
  );
}

/** An empty list means everybody to the SDK. */
const isForNobody = ({ receivers }: TranscriptMessage) => receivers.length === 0;

async function sendPacket(sender: LocalParticipant, message: TranscriptMessage): Promise<void> {
  if (isForNobody(message)) return;
  await sender.publishData(new TextEncoder().encode(JSON.stringify(message.packet)), {
    reliable: true,
    topic: PACKET_TOPIC,
    ...(message.receivers !== 'everybody' && { destination_identities: [...message.receivers] }),
  });
}

async function sendText(sender: LocalParticipant, message: TranscriptMessage): Promise<void> {
  if (isForNobody(message)) return;
  const { packet, speaker, receivers } = message;
  const writer = await sender.streamText({
    topic: STREAM_TOPIC,
    senderIdentity: speaker.identity,
    attributes: {
      'lk.segment_id': packet.id,
      'lk.transcribed_track_id': speaker.trackSid,
      'lk.transcription_final': 'true',
    },
    ...(receivers !== 'everybody' && { destinationIdentities: [...receivers] }),
  });
  await writer.write(packet.text);
  await writer.close();
}

function local(room: Room): LocalParticipant {
  if (room.localParticipant === undefined) throw new Error('the room is not joined');
  return room.localParticipant;
}
