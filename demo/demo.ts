import './participants/quietRtcNode.js';

import { readFile } from 'node:fs/promises';

import { dispose } from '@livekit/rtc-node';

import { startAssetServer } from './assetServer.js';
import { startBot } from './botProcess.js';
import { openCall } from './callService.js';
import { startLiveKitServer } from './livekitServer.js';
import { joinRoom } from './participants/joinRoom.js';
import { playScriptedCall } from './scriptedCall.js';
import { startSpeechProviders } from './speechProviders.js';
import { Timeline } from './timeline.js';

const ROOM = 'demo-call';
/** The room is closed by then, so there is nothing to wait for. */
const PROMPT_MS = 5_000;
const ASSETS = ['hold-music.mp3', 'ringback.mp3', 'busy.mp3'];

/** Everything that was opened, to be closed in reverse, whatever happens. */
type Closers = (() => Promise<unknown>)[];

async function demo(timeline: Timeline, closers: Closers): Promise<void> {
  const server = await startLiveKitServer();
  closers.push(() => server.stop());
  timeline.say('demo', `LiveKit server listens at ${server.url}`);
  const assets = await startAssetServer();
  closers.push(() => assets.close());
  for (const name of ASSETS) assets.put(name, { body: await asset(name) });
  timeline.say('demo', `assets are served at ${assets.origin}`);
  const speech = await startSpeechProviders();
  closers.push(() => speech.close());
  for (const name of ['deepgram', 'elevenlabs', 'groq']) {
    const who = speech.standIns.has(name)
      ? `a stand-in: ${name.toUpperCase()}_API_KEY is not set`
      : 'real';
    timeline.say('demo', `${name} is ${who}`);
  }
  // One call is always taken here, however busy the machine is with other things.
  const own = { MEDIA_BOT_ASSET_ORIGINS: assets.origin, MEDIA_BOT_LOAD_THRESHOLD: '1' };
  const env = { ...speech.env, ...own };
  const bot = await startBot(server, { env });
  closers.push(async () => {
    const asked = performance.now();
    const code = await bot.stop();
    const after = Math.round(performance.now() - asked);
    const met = code === 0 && after < PROMPT_MS;
    timeline.expect('bot', `ends with exit code ${code ?? 'none'} ${after} ms after SIGTERM`, met);
  });
  timeline.say('demo', 'the bot is ready: registered with LiveKit as media-bot');

  const call = await openCall(server, { room: ROOM, dispatch: false });
  closers.push(() => call.close());
  const enter = async (identity: string, kind: 'sip' | 'agent' | 'standard') => {
    const participant = await joinRoom(server, { room: ROOM, identity, kind });
    closers.push(() => participant.leave());
    timeline.say(identity, `joins the call (${kind})`);
    return participant;
  };
  const caller = await enter('caller', 'sip');
  const agent = await enter('agent', 'agent');
  const colleague = await enter('colleague', 'standard');
  await playScriptedCall({ timeline, call, assets, speech, caller, agent, colleague });
}

function asset(name: string): Promise<Buffer> {
  return readFile(new URL(`assets/${name}`, import.meta.url));
}

async function main(): Promise<void> {
  const timeline = new Timeline();
  const closers: Closers = [];
  try {
    await demo(timeline, closers);
  } catch (cause) {
    timeline.expect('demo', cause instanceof Error ? cause.message : String(cause), false);
  }
  for (const close of closers.reverse()) {
    await close().catch((cause: unknown) => timeline.expect('demo', String(cause), false));
  }
  process.exitCode = timeline.summarize() ? 0 : 1;
  await dispose();
}

await main();
