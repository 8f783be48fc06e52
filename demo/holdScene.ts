import { readFile } from 'node:fs/promises';

import { filter } from 'rxjs';

import {
  AGENT_HZ,
  type Cast,
  DEADLINE_MS,
  hasTone,
  join,
  level,
  since,
  stopAndListen,
} from './cast.js';
import { firstWithin } from './firstWithin.js';
import { createMusicRecognizer } from './musicRecognizer.js';
import { now } from './participants/heardWindows.js';
import { isAudible } from './participants/lastSound.js';

/** Other pieces score below 0.3, the same one after gain and Opus above 0.9. */
const SAME_MUSIC = 0.7;
/** How long the caller is on hold; enough to judge three seconds of it. */
const HOLD_MS = 4_000;
/** What was on its way as the isolation was accepted has arrived by then. */
const ON_ITS_WAY_MS = 300;

/** The caller is put on hold and taken back; every ear judges what it hears meanwhile. */
export async function holdScene(cast: Cast, bot: string): Promise<void> {
  const { timeline, call, assets, caller } = cast;
  const started = now();
  const url = assets.urlOf('hold-music.mp3');
  const id = await call.play(caller.identity, { url, loop: true });
  timeline.say('call service', 'play hold-music.mp3 in a loop to the caller: hold');
  const first = await caller.waitForSound({ from: bot, since: started, within: DEADLINE_MS });
  timeline.say('caller', `hears the first sound ${Math.round(first.at - started)} ms after play`);
  await call.answer(caller.identity, id, DEADLINE_MS, 'playing');
  timeline.expect('bot', 'answers playing', true);
  await call.attributes(caller.identity, (map) => map['media.held'] === 'true', DEADLINE_MS);
  const held = now();
  timeline.expect('bot', `says that the caller is isolated ${since(started)} after play`, true);
  const late = caller.heard.pipe(filter(({ at }) => at > held + HOLD_MS));
  await firstWithin(late, DEADLINE_MS, 'sound later on');
  judgeOthers(cast, bot, held + ON_ITS_WAY_MS);
  await judgeMusic(cast, bot, started);
  await unhold(cast, bot);
}

async function unhold(cast: Cast, bot: string): Promise<void> {
  const { timeline, call, caller } = cast;
  const stopped = now();
  await stopAndListen(cast, bot, 'the hold music');
  const heard = await caller.waitForTone(AGENT_HZ, { since: stopped, within: DEADLINE_MS });
  const after = Math.round(heard.at - stopped);
  timeline.expect('caller', `hears the agent again ${after} ms after stop`, true);
  await call.attributes(caller.identity, (map) => map['media.held'] === 'false', DEADLINE_MS);
  timeline.expect('bot', 'says that the caller is held no more', true);
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
function judgeOthers({ timeline, caller, agent, colleague }: Cast, bot: string, held: number) {
  const voices = caller.heardSince(held).filter((window) => window.from !== bot);
  const loud = voices.filter(isAudible);
  timeline.expect('caller', `hears no voice while on hold${level(loud)}`, loud.length === 0);
  for (const ear of [agent, colleague]) {
    const music = ear.heardSince(held, bot).filter(isAudible);
    timeline.expect(ear.identity, `hears nothing of the music${level(music)}`, music.length === 0);
  }
  const talk = colleague.heardSince(held, agent.identity).filter(hasTone(AGENT_HZ));
  timeline.expect('colleague', `goes on hearing the agent${level(talk)}`, talk.length > 100);
}
