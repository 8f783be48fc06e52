import './participants/quietRtcNode.js';

import { dispose } from '@livekit/rtc-node';

import { type Closers, openBackstage } from './backstage.js';
import { openCall } from './callService.js';
import { joinRoom } from './participants/joinRoom.js';
import { playScriptedCall } from './scriptedCall.js';
import { Timeline } from './timeline.js';

const ROOM = 'demo-call';
/** The room is closed by then, so there is nothing to wait for. */
const PROMPT_MS = 5_000;

async function demo(timeline: Timeline, closers: Closers): Promise<void> {
  const say = (line: string) => timeline.say('demo', line);
  const { server, assets, speech, bot } = await openBackstage(say, closers);
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
