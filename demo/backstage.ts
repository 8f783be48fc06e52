import { readFile } from 'node:fs/promises';

import { type AssetServer, startAssetServer } from './assetServer.js';
import { type BotProcess, startBot } from './botProcess.js';
import { type LiveKitServer, startLiveKitServer } from './livekitServer.js';
import { type SpeechProviders, startSpeechProviders } from './speechProviders.js';

const ASSETS = ['hold-music.mp3', 'ringback.mp3', 'busy.mp3'];

/** Everything that was opened, to be closed in reverse, whatever happens. */
export type Closers = (() => Promise<unknown>)[];

/** What a call needs but its people, all of it on this machine. */
export interface Backstage {
  readonly server: LiveKitServer;
  readonly assets: AssetServer;
  readonly speech: SpeechProviders;
  /** Ready to be dispatched. */
  readonly bot: BotProcess;
}

/**
 * Starts a LiveKit server, the assets, a stand-in for each speech provider without a key, and the
 * bot.
 *
 * @param say told of each, in words for a person.
 * @param closers gets what closes each of them but the bot, which is the caller's to stop first.
 */
export async function openBackstage(
  say: (line: string) => void,
  closers: Closers,
): Promise<Backstage> {
  const server = await startLiveKitServer();
  closers.push(() => server.stop());
  say(`LiveKit server listens at ${server.url}`);
  const assets = await startAssetServer();
  closers.push(() => assets.close());
  for (const name of ASSETS) assets.put(name, { body: await asset(name) });
  say(`assets are served at ${assets.origin}`);
  const speech = await startSpeechProviders();
  closers.push(() => speech.close());
  for (const name of ['deepgram', 'elevenlabs', 'groq']) {
    const who = speech.standIns.has(name)
      ? `a stand-in: ${name.toUpperCase()}_API_KEY is not set`
      : 'real';
    say(`${name} is ${who}`);
  }
  // One call is always taken here, however busy the machine is with other things.
  const own = { MEDIA_BOT_ASSET_ORIGINS: assets.origin, MEDIA_BOT_LOAD_THRESHOLD: '1' };
  const bot = await startBot(server, { env: { ...speech.env, ...own } });
  return { server, assets, speech, bot };
}

function asset(name: string): Promise<Buffer> {
  return readFile(new URL(`assets/${name}`, import.meta.url));
}
