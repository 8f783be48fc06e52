import { readFile } from 'node:fs/promises';

import { DisconnectReason } from '@livekit/rtc-node';
import { filter } from 'rxjs';

import type { AssetServer } from './assetServer.js';
import type { CallService } from './callService.js';
import { firstWithin } from './firstWithin.js';
import { createMusicRecognizer } from './musicRecognizer.js';
import { type HeardWindow, now } from './participants/heardWindows.js';
import type { DemoParticipant } from './participants/joinRoom.js';
import { isAudible } from './participants/lastSound.js';
import type { Timeline } from './timeline.js';
import { carriesTone, levelDbfs } from './toneRecognizer.js';

/** What the agent whistles all along, in Hz. */
const AGENT_HZ = 1_000;
/** The tone of the ringback and busy assets, in Hz. */
const SIGNAL_HZ = 425;
/** How many times busy.mp3 beeps. */
const BUSY_BEEPS = 4;
/** Other pieces score below 0.3, the same one after gain and Opus above 0.9. */
const SAME_MUSIC = 0.7;
/** How long the caller is on hold; enough to judge three seconds of it. */
const HOLD_MS = 4_000;
/** Nothing here takes that long; a wait that ends by this has failed. */
const DEADLINE_MS = 15_000;

/** Everybody and everything that the scripted call needs. */
export interface Cast {
  readonly timeline: Timeline;
  readonly call: CallService;
  readonly assets: AssetServer;
  readonly caller: DemoParticipant;
  readonly agent: DemoParticipant;
  readonly colleague: DemoParticipant;
}

/**
 * A call from the bot's arrival to the closing of the room; every scene judges what was really
 * heard. Rejects when something that the rest depends on does not happen at all.
 */
export async function playScriptedCall(cast: Cast): Promise<void> {
  const bot = await botArrives(cast);
  await holdMusic(cast, bot);
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

async function holdMusic(cast: Cast, bot: string): Promise<void> {
  const { timeline, call, assets, caller } = cast;
  const started = now();
  const url = assets.urlOf('hold-music.mp3');
  const id = await call.play(caller.identity, { url, loop: true });
  timeline.say('call service', 'play hold-music.mp3 in a loop to the caller');
  const first = await caller.waitForSound({ from: bot, since: started, within: DEADLINE_MS });
  timeline.say('caller', `hears the first sound ${Math.round(first.at - started)} ms after play`);
  await call.answer(caller.identity, id, DEADLINE_MS, 'playing');
  timeline.expect('bot', 'answers playing', true);
  const late = caller.heard.pipe(filter(({ at }) => at > first.at + HOLD_MS));
  await firstWithin(late, DEADLINE_MS, 'sound later on');
  await judgeMusic(cast, bot, started);
  judgeOthers(cast, bot, started);
  await stopAndListen(cast, bot, 'the hold music');
}

/** Three seconds are judged each by itself: where the network stretched time, one may not match. */
async function judgeMusic({ timeline, caller }: Cast, bot: string, started: number) {
  const mp3 = await readFile(new URL('assets/hold-music.mp3', import.meta.url));
  const recognize = await createMusicRecognizer(mp3);
  const windows = caller.heardSince(started, bot).filter(isAudible);
  const seconds = [0, 50, 100].map((first) => windows.slice(first, first + 50));
  const found = await Promise.all(seconds.map((second) => recognize(join(second))));
  const best = found.reduce((a, b) => (a.similarity > b.similarity ? a : b));
  timeline.expect(
    'caller',
    `hears the hold music at ${(best.positionMs / 1_000).toFixed(1)} s into it` +
      `${level(windows)}, similarity ${best.similarity.toFixed(2)}`,
    best.similarity > SAME_MUSIC,
  );
}

/** The others' ears must be open, or that they hear no music would mean nothing. */
function judgeOthers({ timeline, caller, agent, colleague }: Cast, bot: string, started: number) {
  for (const ear of [agent, colleague]) {
    const loud = ear.heardSince(started, bot).filter(isAudible);
    timeline.expect(ear.identity, `hears nothing of the music${level(loud)}`, loud.length === 0);
  }
  for (const ear of [colleague, caller]) {
    const talk = ear.heardSince(started, agent.identity).filter(hasTone(AGENT_HZ));
    timeline.expect(ear.identity, `goes on hearing the agent${level(talk)}`, talk.length > 100);
  }
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

async function stopAndListen(cast: Cast, bot: string, what: string): Promise<void> {
  const { timeline, call, caller } = cast;
  const stopped = now();
  const id = await call.stop(caller.identity);
  timeline.say('call service', `stop: ${what}`);
  const listening = { from: bot, since: stopped, within: DEADLINE_MS };
  const lastSound = await caller.waitForSilence(listening);
  const after = `${Math.round(lastSound - stopped)} ms`;
  timeline.expect('caller', `hears silence from the bot ${after} after stop`, true);
  await call.answer(caller.identity, id, DEADLINE_MS, 'stopped');
  timeline.expect('bot', 'answers stopped', true);
}

function since(start: number): string {
  return `${Math.round(now() - start)} ms`;
}

function level(windows: readonly HeardWindow[]): string {
  return windows.length === 0 ? '' : ` at ${levelDbfs(join(windows)).toFixed(0)} dBFS`;
}

function join(windows: readonly HeardWindow[]): Int16Array {
  return Int16Array.from(windows.flatMap(({ samples }) => [...samples]));
}

function hasTone(hz: number): (window: HeardWindow) => boolean {
  return ({ samples }) => carriesTone(samples, hz);
}

/** How many separate stretches of windows satisfy. */
function runs(windows: readonly HeardWindow[], satisfy: (window: HeardWindow) => boolean): number {
  const flags = windows.map(satisfy);
  return flags.filter((flag, index) => flag && flags[index - 1] !== true).length;
}
