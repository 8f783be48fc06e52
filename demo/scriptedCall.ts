import { DisconnectReason } from '@livekit/rtc-node';

import { AGENT_HZ, type Cast, DEADLINE_MS, hasTone, level, since, stopAndListen } from './cast.js';
import { holdScene } from './holdScene.js';
import { type HeardWindow, now } from './participants/heardWindows.js';
import { talkScene } from './talkScene.js';

/** The tone of the ringback and busy assets, in Hz. */
const SIGNAL_HZ = 425;
/** How many times busy.mp3 beeps. */
const BUSY_BEEPS = 4;

/**
 * A call from the bot's arrival to the closing of the room; every scene judges what was really
 * heard. Rejects when something that the rest depends on does not happen at all.
 */
export async function playScriptedCall(cast: Cast): Promise<void> {
  const bot = await botArrives(cast);
  await talkScene(cast, bot);
  await holdScene(cast, bot);
  await ringback(cast, bot);
  await busyTone(cast, bot);
}

async function botArrives({ timeline, call, caller, agent, colleague }: Cast): Promise<string> {
  const talking = now();
  await agent.speak(AGENT_HZ);
  timeline.say('agent', `talks on from here: whistles ${AGENT_HZ} Hz all along`);
  for (const ear of [caller, colleague]) {
    const heard = await ear.waitForTone(AGENT_HZ, { since: talking, within: DEADLINE_MS });
    timeline.expect(ear.identity, `hears the agent: ${AGENT_HZ} Hz${level([heard])}`, true);
  }
  const asked = now();
  await call.dispatchBot();
  timeline.say('call service', 'dispatches media-bot');
  const bot = await call.botJoined(DEADLINE_MS);
  timeline.expect('bot', `is in the room, ${since(asked)} after the dispatch`, true);
  return bot;
}

async function ringback(cast: Cast, bot: string): Promise<void> {
  const { timeline, call, assets, caller } = cast;
  const started = now();
  const id = await call.play(caller.identity, { url: assets.urlOf('ringback.mp3') });
  timeline.say('call service', 'play ringback.mp3 once to the caller');
  await hearSignal(cast, bot, started, 'the first ring');
  await call.answer(caller.identity, id, DEADLINE_MS, 'playing');
  const pause = await caller.waitForSilence({ from: bot, since: started, within: DEADLINE_MS });
  await hearSignal(cast, bot, pause + 1, 'the second ring');
  timeline.say('colleague', 'answers the phone');
  await stopAndListen(cast, bot, 'the ringback');
  const open = await call.rooms.listRooms([call.room]);
  timeline.expect('room', 'stays open: the ringback was stopped, not drained', open.length === 1);
}

async function busyTone(cast: Cast, bot: string): Promise<void> {
  const { timeline, call, assets, caller } = cast;
  const started = now();
  await call.play(caller.identity, { url: assets.urlOf('busy.mp3') });
  timeline.say('call service', 'play busy.mp3 once to the caller');
  await hearSignal(cast, bot, started, 'the busy tone');
  const reason = await call.roomClosed(DEADLINE_MS);
  const beeps = runs(caller.heardSince(started, bot), hasTone(SIGNAL_HZ));
  timeline.expect('caller', `heard ${beeps} of ${BUSY_BEEPS} beeps`, beeps === BUSY_BEEPS);
  timeline.expect(
    'room',
    `is closed ${since(started)} after play (${DisconnectReason[reason]}): the busy tone has drained`,
    reason === DisconnectReason.ROOM_DELETED,
  );
}

async function hearSignal(
  { timeline, caller }: Cast,
  bot: string,
  from: number,
  what: string,
): Promise<void> {
  const listening = { from: bot, since: from, within: DEADLINE_MS };
  const heard = await caller.waitForTone(SIGNAL_HZ, listening);
  const after = `${Math.round(heard.at - from)} ms`;
  timeline.expect(
    'caller',
    `hears ${what}: ${SIGNAL_HZ} Hz${level([heard])}, after ${after}`,
    true,
  );
}

/** How many separate stretches of windows satisfy. */
function runs(windows: readonly HeardWindow[], satisfy: (window: HeardWindow) => boolean): number {
  const flags = windows.map(satisfy);
  return flags.filter((flag, index) => flag && flags[index - 1] !== true).length;
}
