import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ParticipantInfo_Kind } from '@livekit/protocol';
import { AccessToken, AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import { handoverDuty } from '../../operators/handoverDuty.js';
import { isMediaBot } from '../../operators/isMediaBot.js';
import type { Attributes, Milliseconds } from '../../operators/types.js';
import type { PlaybackAnswer, TranscriptionAnswer } from './answers.js';
import type { CallEvent } from './callEvents.js';
import { ClientError, toClientError, toJoinError } from './clientError.js';
import {
  playAttributes,
  type PlayRequest,
  stopAttributes,
  transcribeAttributes,
  type TranscribeRequest,
} from './commands.js';
import { pollAttributes } from './pollAttributes.js';
import {
  type BotAnswer,
  doneUnlessFailed,
  heldUnlessRefused,
  playback,
  type ReadAnswer,
  releasedUnlessFailed,
  transcription,
} from './readAnswer.js';
import { waitForAnswer } from './waitForAnswer.js';
import type { RoomWatch } from './watchRoom.js';

export type { AnswerError, PlaybackAnswer, TranscriptionAnswer } from './answers.js';
export type { CallEvent, TranscriptPacket } from './callEvents.js';
export { ClientError, type ClientErrorCode } from './clientError.js';
export type { PlayRequest, TranscribeRequest } from './commands.js';

/** Which room of which LiveKit server, and as whom. */
export interface ClientOptions {
  readonly room: string;
  /** Address of the LiveKit server: `ws`, `wss`, `http` or `https`. */
  readonly url: string;
  /** Of LIVEKIT_API_KEY and LIVEKIT_API_SECRET when missing. */
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
  /** The name that the bot is dispatched by; `media-bot` when missing. */
  readonly agentName?: string | undefined;
}

/** How long to wait for an answer, and under which id a command goes out. */
export interface CommandOptions {
  /** Longest wait for the answer; 10 s when missing. */
  readonly within?: Milliseconds;
  /**
   * Up to 128 characters; a new UUID when missing. The bot executes an id once, so a command whose
   * outcome is not known may be repeated under the same one.
   */
  readonly id?: string;
}

/** How a bot is asked for. */
export interface DispatchRequest {
  /** What transcription begins with. */
  readonly stt?: TranscribeRequest;
  /** Longest wait for the bot; 10 s when missing. */
  readonly within?: Milliseconds;
}

/** The bot that is in the room. */
export interface Dispatched {
  /** Its identity. */
  readonly bot: string;
  /** `false`: it was there before, and nothing was asked for. */
  readonly dispatched: boolean;
}

/** A watch over a call. */
export interface Watch {
  /** Resolves when it has ended by itself or was closed. */
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
}

const WITHIN: Milliseconds = 10_000;
const BETWEEN_LOOKS: Milliseconds = 200;
const MAX_ID_LENGTH = 128;
// The server SDK brings protocol types of its own, whose enum TypeScript takes for another.
const AGENT: number = ParticipantInfo_Kind.AGENT;
/**
 * The bot of one room, as a Call Service commands it: every method does one thing, waits until the
 * bot has answered, and resolves with the answer.
 *
 * Each command is one UpdateParticipant call with all of its keys. Answers are asked for with
 * GetParticipant every 50 to 400 ms; while a `watch` stands, they are seen as they come.
 *
 * Nothing that acts is ever repeated here. Every method rejects with a ClientError alone, but for
 * `watch` where `@livekit/rtc-node` is not installed.
 *
 * @see contract, "Playback" and "Transcription".
 */
export class MediaBotClient {
  readonly room: string;
  private readonly agentName: string;
  private readonly rooms: RoomServiceClient;
  private readonly dispatches: AgentDispatchClient;
  private watching: RoomWatch | undefined;

  /** Connects to nothing. Throws a ClientError where the options make no sense. */
  constructor(private readonly options: ClientOptions) {
    const { url, apiKey, apiSecret, room, agentName = 'media-bot' } = options;
    [this.room, this.agentName] = [room, agentName];
    const problem = problemOf(options);
    if (problem !== undefined) throw new ClientError('ERR_INVALID_ARGUMENT', problem);
    this.rooms = new RoomServiceClient(url, apiKey, apiSecret);
    this.dispatches = new AgentDispatchClient(url, apiKey, apiSecret);
  }

  /**
   * Asks for a bot, and waits until it is in the room. Where one is there already, that one is
   * named and nothing is asked for: `transcribe` it.
   *
   * `ERR_NO_BOT`: none came. LiveKit keeps no queue of dispatches, so ask again.
   */
  async dispatch({ stt, within = WITHIN }: DispatchRequest = {}): Promise<Dispatched> {
    const what = `dispatch to ${this.room}`;
    const deadline = AbortSignal.timeout(within);
    const present = await this.asked(what, this.findBot());
    if (present !== undefined) return { bot: present, dispatched: false };
    const metadata = stt === undefined ? '' : JSON.stringify({ stt });
    await this.asked(what, this.dispatches.createDispatch(this.room, this.agentName, { metadata }));
    for (;;) {
      const bot = await this.asked(what, this.findBot());
      if (bot !== undefined) return { bot, dispatched: true };
      if (deadline.aborted) throw this.nobodyCame(within);
      await sleep(BETWEEN_LOOKS);
    }
  }

  /**
   * Plays to a target; resolves when it plays. With `loop` it is a hold: see `hold`.
   *
   * @param target identity of a human in the room.
   */
  play(
    target: string,
    request: PlayRequest,
    options: CommandOptions = {},
  ): Promise<PlaybackAnswer> {
    const write = (id: string) => playAttributes(id, request);
    return this.command(target, write, playback(doneUnlessFailed), options);
  }

  /**
   * Plays to a target in a loop and keeps it from hearing anybody; resolves when LiveKit has
   * accepted that. Where the music cannot be had, the hold stands all the same, with a soft tone:
   * then the answer is `failed`, and says why.
   */
  hold(target: string, url: string, options: CommandOptions = {}): Promise<PlaybackAnswer> {
    const write = (id: string) => playAttributes(id, { url, loop: true });
    return this.command(target, write, playback(heldUnlessRefused), options);
  }

  /** Ends what is played to a target, a hold too; resolves when it has stopped. */
  stop(target: string, options: CommandOptions = {}): Promise<PlaybackAnswer> {
    return this.command(target, stopAttributes, playback(doneUnlessFailed), options);
  }

  /** Ends a hold; resolves when LiveKit has accepted that the target hears everybody again. */
  unhold(target: string, options: CommandOptions = {}): Promise<PlaybackAnswer> {
    return this.command(target, stopAttributes, playback(releasedUnlessFailed), options);
  }

  /**
   * Waits until the answer to a command that was given before satisfies: the end of an
   * announcement, `({ status }) => status === 'ended'`, or an answer that had not come in time.
   */
  answer(
    target: string,
    id: string,
    satisfy: (answer: PlaybackAnswer) => boolean = () => true,
    within = WITHIN,
  ): Promise<PlaybackAnswer> {
    const read = playback((answer) => (satisfy(answer) ? 'done' : 'wait'));
    return this.waitForAnswer(target, id, read, within);
  }

  /** Turns transcription of the whole room on or off; resolves when the bot has. */
  async transcribe(
    request: TranscribeRequest,
    options: CommandOptions = {},
  ): Promise<TranscriptionAnswer> {
    const { id = randomUUID() } = options;
    const write = (id: string) => transcribeAttributes(id, request);
    const ask = async () => {
      const bot = await this.asked(`transcribe ${this.room}`, this.findBot());
      if (bot === undefined) {
        throw new ClientError('ERR_NO_BOT', `no bot is in room ${this.room}: dispatch one`);
      }
      return this.command(bot, write, transcription, { ...options, id });
    };
    return ask().catch((error: unknown) => {
      // It has just been relieved by another one, which is asked the same then.
      if (error instanceof ClientError && error.code === 'ERR_NOT_FOUND') return ask();
      throw error;
    });
  }

  /**
   * Joins the room, unheard and as an agent who does not keep it alive, and tells of transcripts
   * and answers as they come, until it is closed or the room ends. Needs `@livekit/rtc-node`.
   */
  async watch(onEvent: (event: CallEvent) => void): Promise<Watch> {
    const { url } = this.options;
    // Without it rtc-node writes lines of its own to standard output.
    process.env.NODE_ENV ??= 'production';
    const { watchRoom } = await import('./watchRoom.js');
    const joined = watchRoom({
      url: url.replace(/^http/, 'ws'),
      token: await this.watchToken(),
      agentName: this.agentName,
      onEvent,
    });
    const watch = await joined.catch((error: unknown) => {
      throw toJoinError(error, `watch ${this.room}`);
    });
    this.watching = watch;
    const forget = () => {
      if (this.watching === watch) this.watching = undefined;
    };
    void watch.ended.then(forget);
    const close = () => {
      forget();
      return watch.close();
    };
    return { ended: watch.ended, close };
  }

  /** Writes a command whole, and waits for the answer to it. */
  private async command<A extends BotAnswer>(
    identity: string,
    write: (id: string) => Attributes,
    read: ReadAnswer<A>,
    { id = randomUUID(), within = WITHIN }: CommandOptions,
  ): Promise<A> {
    if (id === '' || id.length > MAX_ID_LENGTH) {
      const rule = `an id has 1 to ${MAX_ID_LENGTH} characters`;
      throw new ClientError('ERR_INVALID_ARGUMENT', rule, { id });
    }
    const attributes = { ...write(id) };
    const written = this.rooms.updateParticipant(this.room, identity, { attributes });
    await this.asked(`command ${identity} in ${this.room}`, written, id);
    return this.waitForAnswer(identity, id, read, within);
  }

  private waitForAnswer<A extends BotAnswer>(
    identity: string,
    id: string,
    read: ReadAnswer<A>,
    within: Milliseconds,
  ): Promise<A> {
    const seen = this.watching?.attributes ?? pollAttributes(this.rooms, this.room);
    return waitForAnswer({ identity, id, read, within, seen });
  }

  private async findBot(): Promise<string | undefined> {
    const participants = await this.rooms.listParticipants(this.room);
    const bots = participants.filter(({ identity, kind, attributes }) =>
      isMediaBot({ identity, isAgent: (kind as number) === AGENT, attributes }, this.agentName),
    );
    // While one relieves another, there are two.
    const inCharge = bots.find((bot) => {
      const duty = handoverDuty(
        bot,
        bots.filter((other) => other !== bot),
      );
      return duty === 'alone' || duty === 'sharing';
    });
    return (inCharge ?? bots[0])?.identity;
  }

  private asked<T>(what: string, request: Promise<T>, id?: string): Promise<T> {
    return request.catch((error: unknown) => {
      throw toClientError(error, what, id);
    });
  }

  private nobodyCame(within: Milliseconds): ClientError {
    const why = `is a worker registered as ${this.agentName}, with room?`;
    return new ClientError('ERR_NO_BOT', `no bot within ${within / 1000} s: ${why}`);
  }

  /** A visible one: data packets with a list of receivers reach nobody who is hidden. */
  private watchToken(): Promise<string> {
    const { apiKey, apiSecret } = this.options;
    const identity = `call-watcher-${randomUUID()}`;
    const token = new AccessToken(apiKey, apiSecret, { identity, ttl: '10m' });
    token.kind = 'agent';
    token.addGrant({
      room: this.room,
      roomJoin: true,
      canPublish: false,
      canPublishData: false,
      canSubscribe: false,
    });
    return token.toJwt();
  }
}

/** The server SDK would find missing keys only when it is asked for something. */
function problemOf({ room, url, apiKey, apiSecret }: ClientOptions): string | undefined {
  const { LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = process.env;
  if (room === '') return 'a room is required';
  if (!/^(ws|http)s?:$/.test(URL.parse(url)?.protocol ?? '')) {
    return 'url is no ws, wss, http or https address';
  }
  const hasKeys = (apiKey ?? LIVEKIT_API_KEY) && (apiSecret ?? LIVEKIT_API_SECRET);
  return hasKeys ? undefined : 'an API key and its secret are required';
}
