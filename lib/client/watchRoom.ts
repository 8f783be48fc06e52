import { EventEmitter, on } from 'node:events';
import {
  DisconnectReason,
  type Participant,
  ParticipantKind,
  type RemoteParticipant,
  Room,
  RoomEvent,
} from '@livekit/rtc-node';
import { isMediaBot } from '../../operators/isMediaBot.js';
import { playbackAnswer, transcriptionAnswer } from './answers.js';
import type { CallEvent, TranscriptPacket } from './callEvents.js';
import { ClientError } from './clientError.js';
import type { SeenAttributes } from './seenAttributes.js';

/** Where and as whom to watch. */
export interface WatchOptions {
  /** Signal address, `ws://` or `wss://`. */
  readonly url: string;
  readonly token: string;
  readonly agentName: string;
  readonly onEvent: (event: CallEvent) => void;
}

/** A watch that stands. */
export interface RoomWatch {
  readonly attributes: SeenAttributes;
  /** Resolves when the watch has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Leaves the room. Closing twice, or a watch that has ended, is no harm. */
  readonly close: () => Promise<void>;
}

/**
 * Joins a room, hears nothing there, and tells what bots do and say.
 *
 * Transcripts are taken from media bots alone: anybody who may publish data could send others.
 *
 * @throws rtc-node's ConnectError where the room cannot be joined.
 */
export async function watchRoom(options: WatchOptions): Promise<RoomWatch> {
  const { url, token, agentName, onEvent } = options;
  const room = new Room();
  const changes = new EventEmitter().setMaxListeners(0);
  const tellAnswers = answerTeller(onEvent);
  const isBot = ({ identity, kind, attributes }: Participant) =>
    isMediaBot({ identity, isAgent: kind === ParticipantKind.AGENT, attributes }, agentName);
  const tell = (person: Participant) => {
    tellAnswers(person, isBot(person));
    changes.emit('change', person.identity);
  };
  const enter = (person: Participant) => {
    if (isBot(person)) onEvent({ type: 'bot_joined', bot: person.identity });
    tell(person);
  };
  const ended = new Promise<void>((resolve) => {
    room.once(RoomEvent.Disconnected, (reason) => {
      if (reason !== DisconnectReason.CLIENT_INITIATED) {
        onEvent({ type: 'ended', reason: DisconnectReason[reason] });
      }
      resolve();
    });
  });
  room
    .on(RoomEvent.ParticipantConnected, enter)
    .on(RoomEvent.ParticipantDisconnected, (person) => {
      if (isBot(person)) onEvent({ type: 'bot_left', bot: person.identity });
      tellAnswers.forget(person.identity);
      changes.emit('change', person.identity);
    })
    .on(RoomEvent.ParticipantAttributesChanged, (_changed, person) => tell(person))
    .on(RoomEvent.DataReceived, (data, sender?: RemoteParticipant, _kind?: unknown, topic = '') => {
      if (topic !== 'transcript' || !sender || !isBot(sender)) return;
      const transcript = JSON.parse(new TextDecoder().decode(data)) as TranscriptPacket;
      onEvent({ type: 'transcript', bot: sender.identity, transcript });
    });
  await room.connect(url, token, { autoSubscribe: false, dynacast: false });
  room.remoteParticipants.forEach(enter);
  return { attributes: seenIn(room, changes), ended, close: () => room.disconnect() };
}

/** Tells each answer once, until it changes. */
function answerTeller(onEvent: (event: CallEvent) => void) {
  const told = new Map<string, string>();
  const tell = ({ identity, attributes }: Participant, isBot: boolean) => {
    const playback = playbackAnswer(attributes);
    const transcription = isBot ? transcriptionAnswer(attributes) : undefined;
    const news = JSON.stringify([playback, transcription]);
    if (news === (told.get(identity) ?? '[null,null]')) return;
    told.set(identity, news);
    if (playback) onEvent({ type: 'playback', target: identity, ...playback });
    if (transcription) onEvent({ type: 'transcription', bot: identity, ...transcription });
  };
  return Object.assign(tell, { forget: (identity: string) => void told.delete(identity) });
}

function seenIn(room: Room, changes: EventEmitter): SeenAttributes {
  const attributesOf = (identity: string) => {
    const person = room.remoteParticipants.get(identity);
    if (person) return person.attributes;
    throw new ClientError('ERR_NOT_FOUND', `${identity} is not in the room`);
  };
  return async function* (identity, signal) {
    // Listened to before the map is read: else a change between the two were missed.
    const changed = on(changes, 'change', { signal });
    yield attributesOf(identity);
    for await (const [who] of changed) if (who === identity) yield attributesOf(identity);
  };
}
