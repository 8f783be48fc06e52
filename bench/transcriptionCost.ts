import '../demo/participants/quietRtcNode.js';

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { dispose } from '@livekit/rtc-node';

import { startBot } from '../demo/botProcess.js';
import type { CallService } from '../demo/callService.js';
import { type LiveKitServer, startLiveKitServer } from '../demo/livekitServer.js';
import { loadPhrases, type Phrase } from '../demo/providers/phrases/loadPhrases.js';
import { conditions } from './conditions.js';
import { treeUsage } from './processTree.js';
import { type Row, table } from './table.js';
import { startTranscriptionProviders } from './transcriptionProviders.js';
import { openTranscribedCall, withPause } from './transcriptionRoom.js';
import { type Talk, talk } from './transcriptionTalk.js';

/*
 * What it costs to transcribe somebody who talks all the time: memory and processor time of the
 * built worker and its one host, with the speakers in rooms that are transcribed, beside the same
 * rooms with another worker that is not asked to. Server, speakers and providers are other
 * processes and do not count.
 */
const HELP =
  'after npm run build: node --import tsx bench/transcriptionCost.ts [--speakers 1,10,30] ' +
  '[--per-room 1] [--language en] [--seconds 20]';

/** Joining, loading and the garbage of both are over by then. */
const SETTLE_MS = 8_000;
const PAUSE_MS = 800;
/** Wanted of what one speaker costs among 30, as a multiple of what one costs among 10. */
const GROWTH = 1.2;

interface Bench {
  readonly server: LiveKitServer;
  readonly env: Readonly<Record<string, string>>;
  readonly phrases: readonly Phrase[];
  /** Ascending. */
  readonly counts: readonly number[];
  readonly perRoom: number;
  readonly language: string;
  readonly seconds: number;
}

interface Figures {
  readonly transcribed: boolean;
  readonly speakers: number;
  readonly pssMiB: number;
  readonly privateMiB: number;
  /** In percent of one core. */
  readonly cpu: number;
  /** Texts per speaker and minute. */
  readonly texts: number;
}

async function observe(pid: number, talks: readonly Talk[], seconds: number) {
  const texts = () => talks.reduce((sum, each) => sum + each.read.length, 0);
  const [before, textsBefore, started] = [await treeUsage(pid), texts(), performance.now()];
  await sleep(seconds * 1_000);
  const [after, textsAfter] = [await treeUsage(pid), texts()];
  const elapsed = performance.now() - started;
  return {
    pssMiB: after.pssMiB,
    privateMiB: after.privateMiB,
    cpu: (100 * (after.cpuMs - before.cpuMs)) / elapsed,
    texts: (60_000 * (textsAfter - textsBefore)) / elapsed / talks.length,
  };
}

/** Growing from no speaker to the most, with a worker of its own. */
async function measure(bench: Bench, transcribed: boolean): Promise<readonly Figures[]> {
  const { server, env, phrases, counts, perRoom, seconds } = bench;
  const bot = await startBot(server, { command: ['dist/lib/main.js'], env });
  const language = transcribed ? bench.language : undefined;
  const [talks, calls]: [Talk[], CallService[]] = [[], []];
  const figures: Figures[] = [];
  for (const count of [0, ...counts]) {
    while (talks.length < count) {
      const number = talks.length;
      const room = `${transcribed ? 'heard' : 'unheard'} ${Math.floor(number / perRoom)}`;
      if (number % perRoom === 0) calls.push(await openTranscribedCall(server, room, language));
      const identity = `speaker ${number}`;
      const from = number % phrases.length;
      const own = [...phrases.slice(from), ...phrases.slice(0, from)];
      talks.push(await talk(server, { room, identity, kind: 'sip' }, own));
    }
    console.log(`${transcribed ? 'on' : 'off'}: ${count} speakers`);
    await sleep(SETTLE_MS);
    figures.push({ transcribed, speakers: count, ...(await observe(bot.pid, talks, seconds)) });
  }
  await Promise.all(talks.map((each) => each.end()));
  await Promise.all(calls.map((call) => call.close()));
  await bot.stop();
  return figures;
}

function at(figures: readonly Figures[], transcribed: boolean, speakers: number): Figures {
  return figures.find((of) => of.transcribed === transcribed && of.speakers === speakers)!;
}

/** What each of so many speakers adds to the rooms that are there anyway. */
function costOf(figures: readonly Figures[], speakers: number) {
  const [on, off] = [at(figures, true, speakers), at(figures, false, speakers)];
  return {
    cpu: (on.cpu - off.cpu) / speakers,
    pss: (on.pssMiB - off.pssMiB) / speakers,
    isRoom: speakers > 0,
  };
}

function toRow(speakers: number, figures: readonly Figures[]): Row {
  const [on, off] = [at(figures, true, speakers), at(figures, false, speakers)];
  const cost = costOf(figures, speakers);
  return {
    speakers: String(speakers),
    'texts / min each': cost.isRoom ? on.texts.toFixed(1) : '',
    'CPU % off': off.cpu.toFixed(1),
    'CPU % on': on.cpu.toFixed(1),
    'CPU % per speaker': cost.isRoom ? cost.cpu.toFixed(2) : '',
    'PSS MiB off': off.pssMiB.toFixed(1),
    'PSS MiB on': on.pssMiB.toFixed(1),
    'private MiB off': off.privateMiB.toFixed(1),
    'private MiB on': on.privateMiB.toFixed(1),
    'PSS MiB per speaker': cost.isRoom ? cost.pss.toFixed(2) : '',
  };
}

function conclusions(figures: readonly Figures[], counts: readonly number[]): readonly string[] {
  const [few, many] = counts.slice(-2);
  const first = counts[0]!;
  const [on, off] = [at(figures, true, first), at(figures, false, first)];
  const lines = [
    `what is loaded for the first ${first} transcribed: ${(on.pssMiB - off.pssMiB).toFixed(1)} MiB`,
  ];
  if (few === undefined || many === undefined) return lines;
  const growth = costOf(figures, many).cpu / costOf(figures, few).cpu;
  const verdict = growth <= GROWTH ? 'ok' : 'OVER';
  const pss = (at(figures, true, many).pssMiB - at(figures, true, few).pssMiB) / (many - few);
  const without = (at(figures, false, many).pssMiB - at(figures, false, few).pssMiB) / (many - few);
  return [
    ...lines,
    `each one more, from ${few} to ${many}: ${pss.toFixed(2)} MiB, ${without.toFixed(2)} untranscribed`,
    `CPU per speaker, ${many} : ${few}: ${growth.toFixed(2)} ${verdict} (<= ${GROWTH})`,
  ];
}

function options() {
  const { values } = parseArgs({
    options: {
      speakers: { type: 'string', default: '1,10,30' },
      'per-room': { type: 'string', default: '1' },
      language: { type: 'string', default: 'en' },
      seconds: { type: 'string', default: '20' },
    },
  });
  const counts = values.speakers.split(',').map(Number);
  const [perRoom, seconds] = [Number(values['per-room']), Number(values.seconds)];
  if (![...counts, perRoom, seconds].every((value) => value > 0)) throw new Error(HELP);
  const { language } = values;
  return { counts: counts.toSorted((a, b) => a - b), perRoom, seconds, language };
}

async function main(): Promise<void> {
  const given = options();
  console.log(`before: ${conditions()}`);
  const server = await startLiveKitServer();
  const providers = await startTranscriptionProviders(50);
  const env = {
    ...providers.env,
    MEDIA_BOT_NUM_IDLE_PROCESSES: '1',
    MEDIA_BOT_LOAD_THRESHOLD: '1',
  };
  try {
    const phrases = (await loadPhrases()).map((phrase) => withPause(phrase, PAUSE_MS));
    const bench = { ...given, server, env, phrases };
    const figures = [...(await measure(bench, false)), ...(await measure(bench, true))];
    console.log(`after:  ${conditions()}\n`);
    console.log(table([0, ...given.counts].map((speakers) => toRow(speakers, figures))));
    console.log(`\n${conclusions(figures, given.counts).join('\n')}`);
  } finally {
    await providers.close();
    await server.stop();
    await dispose();
  }
}

await main();
