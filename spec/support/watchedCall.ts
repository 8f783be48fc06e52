import { filter, map, ReplaySubject } from 'rxjs';
import { publishScreenSound } from '../../bench/screenSound.js';
import type { AssetServer } from '../../demo/assetServer.js';
import { firstWithin } from '../../demo/firstWithin.js';
import type { LiveKitServer } from '../../demo/livekitServer.js';
import { now } from '../../demo/participants/heardWindows.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import type { ReceivedTranscript } from '../../demo/participants/transcripts.js';
import type { Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import type { Attributes } from '../../operators/types.js';
import { botsWhen } from './botsIn.js';
import { bringBot } from './bringBot.js';
import { VOICE } from './holdSounds.js';
import { phrasesOf } from './phrasesOf.js';
import { openScene, type Scene } from './scene.js';
import { seenSoFar } from './seenSoFar.js';
import { repeatUntil } from './repeatUntil.js';

/** What is said to find out whether anybody listens, and never else. */
export const [GREETING] = (await phrasesOf(['en-patience.wav'])) as [Phrase];

/** A machine that is busy has workers refuse calls, which are then offered again. */
const SOON = 90_000;

/** A transcribed call of which everything is noted that a handover could spoil. */
export interface WatchedCall {
  readonly scene: Scene;
  readonly caller: DemoParticipant;
  /** Whose screen sounds all the time (`VOICE`), whether they speak or not. */
  readonly colleague: DemoParticipant;
  /** Hears nothing, and reads everything. */
  readonly supervisor: DemoParticipant;
  /** The bot that it began with. */
  readonly bot: string;
  /** Somebody's attributes, one map after the other, from the beginning on. */
  readonly historyOf: (identity: string) => readonly Attributes[];
  /** Identities of all bots that have been in the room, in the order of their coming. */
  readonly botsSeen: () => readonly string[];
  /** Resolves with these as soon as they are so many. */
  readonly seenBots: (count: number) => Promise<readonly string[]>;
  /** Transcripts of the colleague's words so far. */
  readonly said: () => readonly ReceivedTranscript[];
  /** Resolves when the colleague's words have this text, or at once if they have had it. */
  readonly read: (text: string) => Promise<ReceivedTranscript>;
  /** Resolves with the bot that relieves this one, as soon as it is seen. */
  readonly relievedBy: (bot: string) => Promise<string>;
  /** Resolves when a bot has said that it does all that the one before it did. */
  readonly ready: (bot: string) => Promise<Attributes>;
  /** Resolves when there is one bot in the room, and it is this one. */
  readonly leftTo: (bot: string) => Promise<unknown>;
  /** Has the colleague say the greeting until it is read (again): nobody tells when a bot listens. */
  readonly greet: () => Promise<void>;
  /** Puts the caller on hold, and waits for the music. Resolves with the command's id. */
  readonly hold: (url: string, hz: number) => Promise<string>;
}

const isBot = (identity: string) => identity.startsWith('media-bot-');

/**
 * Opens a call whose bot transcribes English, and waits until it listens to the colleague. The
 * caller is on the phone.
 */
export async function openWatchedCall(
  server: LiveKitServer,
  assets: AssetServer,
): Promise<WatchedCall> {
  const scene = await openScene(server, assets, true);
  const { service } = scene;
  const supervisor = await scene.join('supervisor', {
    kind: 'agent',
    grants: { canPublish: false, canSubscribe: false },
  });
  const changes = new ReplaySubject<{ identity: string; attributes: Attributes }>(Infinity);
  supervisor.attributes.subscribe(changes);
  const caller = await scene.join('caller');
  const colleague = await scene.join('colleague', { kind: 'standard' });
  await publishScreenSound(colleague.room, VOICE);
  const bot = await bringBot(service, '{"stt":{"enabled":true,"language":"en"}}');
  await service.attributes(bot, (own) => own['stt.status'] === 'running', SOON);
  const theirs = supervisor.transcripts.pipe(
    filter(({ packet }) => packet.participant.identity === 'colleague'),
  );
  const read = (text: string) =>
    firstWithin(theirs.pipe(filter(({ packet }) => packet.text === text)), SOON, `"${text}"`);
  const botsSeen = () => [
    ...new Set([
      bot,
      ...seenSoFar(changes)
        .map(({ identity }) => identity)
        .filter(isBot),
    ]),
  ];
  return {
    scene,
    caller,
    colleague,
    supervisor,
    bot,
    historyOf: (identity) =>
      seenSoFar(changes)
        .filter((change) => change.identity === identity)
        .map(({ attributes }) => attributes),
    botsSeen,
    seenBots: (count) =>
      firstWithin(
        changes.pipe(
          map(botsSeen),
          filter(({ length }) => length >= count),
        ),
        SOON,
        `${count} bots, one after the other`,
      ),
    said: () => seenSoFar(theirs),
    read,
    relievedBy: (old) =>
      firstWithin(
        changes.pipe(
          filter(({ attributes }) => attributes['media-bot.relieves'] === old),
          map(({ identity }) => identity),
        ),
        SOON,
        `a bot that relieves ${old}`,
      ),
    ready: (own) => service.attributes(own, (map) => map['media-bot.ready'] === 'true', SOON),
    leftTo: (own) => botsWhen(service, (bots) => bots.length === 1 && bots[0] === own, SOON),
    greet: async () => {
      const since = now();
      const anew = theirs.pipe(
        filter(({ packet, at }) => packet.text === GREETING.text && at >= since),
      );
      await repeatUntil(firstWithin(anew, SOON, 'the greeting'), () => colleague.say(GREETING));
    },
    hold: async (url, hz) => {
      const id = await service.play('caller', { url, loop: true });
      await service.answer('caller', id, SOON, 'playing');
      await service.attributes('caller', (map) => map['media.held'] === 'true', SOON);
      await caller.waitForTone(hz, { within: SOON });
      return id;
    },
  };
}
