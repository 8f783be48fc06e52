import { randomUUID } from 'node:crypto';
import { type Asset, type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import type { LiveKitServer } from '../../demo/livekitServer.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { loadPhrases, type Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import type { ClientError, MediaBotClient, TranscribeRequest } from '../../lib/client/client.js';
import { forgivingPhraseBook } from './forgivingPhraseBook.js';
import { type SpeechProviders, startSpeechProviders } from './speechProviders.js';
import { useLiveKitServer } from './useLiveKitServer.js';

const A_WHILE = 5_000;
const ATTEMPTS = 6;

/** Of the music and of the announcement. */
export const [MUSIC_HZ, ANNOUNCEMENT_HZ] = [440, 1_000];

/** A worker of its own with all that it needs, and a caller in a room. */
export interface CommandedBot {
  readonly server: () => LiveKitServer;
  readonly speech: () => SpeechProviders;
  readonly phrase: (name: string) => Phrase;
  readonly music: () => string;
  readonly announcement: () => string;
  /** At the same server, but not there. */
  readonly missing: () => string;
  readonly room: () => string;
  readonly caller: () => DemoParticipant;
  /** Moves to another room, where no bot has been. */
  readonly openRoom: () => Promise<void>;
  /** Asks for the bot until it is there: a machine that is busy otherwise may turn it away. */
  readonly dispatched: (client: MediaBotClient, stt?: TranscribeRequest) => Promise<string>;
}

/** Runs it around the specs of the enclosing `describe`; call the results in them. */
export function useCommandedBot(): CommandedBot {
  const server = useLiveKitServer();
  let phrases: readonly Phrase[] = [];
  let speech: SpeechProviders;
  let assets: AssetServer;
  let bot: BotProcess | undefined;
  let room: string;
  let caller: DemoParticipant | undefined;

  before(async function () {
    this.timeout(120_000);
    phrases = await loadPhrases();
    speech = await startSpeechProviders(forgivingPhraseBook(phrases));
    assets = await startAssetServer(await shelf());
    const env = { ...speech.env, MEDIA_BOT_ASSET_ORIGINS: assets.origin };
    bot = await startBot(server(), { env: { ...env, MEDIA_BOT_DRAIN_SECONDS: '0' } });
  });
  after(async () => {
    await bot?.stop();
    await Promise.all([speech.close(), assets.close()]);
  });
  const openRoom = async () => {
    await caller?.leave();
    room = `room-${randomUUID()}`;
    caller = await joinRoom(server(), { room, identity: 'caller', kind: 'sip' });
    // The server tells of those who publish nothing seconds late.
    await caller.speak(0);
  };
  before(openRoom);
  after(() => caller?.leave());

  return {
    server,
    speech: () => speech,
    phrase: (name) => phrases.find(({ file }) => file === `${name}.wav`)!,
    music: () => assets.urlOf('music'),
    announcement: () => assets.urlOf('announcement'),
    missing: () => `${assets.origin}/missing`,
    room: () => room,
    caller: () => caller!,
    openRoom,
    dispatched: async (client, stt) => {
      const request = { within: A_WHILE, ...(stt && { stt }) };
      for (let attempt = 1; ; attempt += 1) {
        try {
          return (await client.dispatch(request)).bot;
        } catch (error) {
          if (attempt === ATTEMPTS || (error as ClientError).code !== 'ERR_NO_BOT') throw error;
        }
      }
    },
  };
}

async function shelf(): Promise<Readonly<Record<string, Asset>>> {
  return {
    music: { body: await toneMp3([{ hz: MUSIC_HZ, ms: 2_000 }]) },
    announcement: { body: await toneMp3([{ hz: ANNOUNCEMENT_HZ, ms: 600 }]) },
  };
}
