import '../demo/participants/quietRtcNode.js';

import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { dispose } from '@livekit/rtc-node';

import { type AssetServer, startAssetServer } from '../demo/assetServer.js';
import { type BotProcess, startBot } from '../demo/botProcess.js';
import { type LiveKitServer, startLiveKitServer } from '../demo/livekitServer.js';
import { now } from '../demo/participants/heardWindows.js';
import { loadPhrases } from '../demo/providers/phrases/loadPhrases.js';
import { toneMp3 } from '../demo/toneMp3.js';
import { forgivingPhraseBook } from '../spec/support/forgivingPhraseBook.js';
import { seenSoFar } from '../spec/support/seenSoFar.js';
import { buildProgram } from './buildProgram.js';
import { conditions } from './conditions.js';
import { HANDED_TONES } from './handedCall.js';
import { percentile } from './percentile.js';
import { readyBuffer } from './readyBuffer.js';
import { startBareSdk } from './startBareSdk.js';
import { type HandedPeople, type Said, type Seen, startHandedPeople } from './startHandedPeople.js';
import { type Row, table } from './table.js';
import { startTranscriptionProviders } from './transcriptionProviders.js';
import { countWords, spoiltWords, type WordCount } from './wordCount.js';

/*
 * What a roll-out does to calls: one worker carries them all, each with a caller on hold and a
 * colleague who talks without end; then, as often as told, another worker is started, and the one
 * that carries them is sent SIGTERM. People, LiveKit and providers are other processes; everything is
 * measured at the people's ears.
 *
 * The floor is the bare SDK (see `bareSdk`): a second process joins a room under another identity
 * and publishes, and then the first one leaves; one room after the other.
 */
const HELP =
  'after npm run build: node --import tsx bench/handover.ts [--calls 20] [--rollouts 10] [--floor 20]';

const PER_PROCESS = 10;
/** What a provider takes. */
const DELAY_MS = 50;
/** Frames of the floor. */
const FRAME_MS = 20;
/** What comes late is heard by then, and some phrases are said between two roll-outs. */
const WATCHED_MS = 3_000;
/** Longer than anybody waits for a worker that is told to stop. */
const MOST_MS = 120_000;
/** A pod that is started is ready for so long before another one is told to stop. */
const READY_MS = 10_000;
const TARGETS = { gap: 300, exit: 15_000 };

interface Given {
  readonly calls: number;
  readonly rollouts: number;
  readonly floor: number;
}

interface Bench extends Given {
  readonly server: LiveKitServer;
  readonly assets: AssetServer;
  readonly people: HandedPeople;
  readonly startWorker: () => Promise<BotProcess>;
}

/** What one roll-out came to. */
interface Rollout {
  /** When SIGTERM was sent, in epoch milliseconds. */
  readonly told: number;
  readonly code: number | null | 'none';
  readonly exitMs: number;
  readonly calls: readonly Seen[];
  /** Calls with one bot, which is another one than before. */
  readonly handedOver: number;
  /** How often the new worker was too busy for a call, which it was then offered again. */
  readonly refused: number;
}

const roomsOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, room) => `${name} ${room + 1}`);
const botsOf = (calls: readonly Seen[]) => new Map(calls.map(({ room, bots }) => [room, bots]));

async function rollOut(old: BotProcess, next: BotProcess, { people }: Bench): Promise<Rollout> {
  const before = botsOf(await people.look());
  await people.mark();
  const told = now();
  process.kill(old.pid, 'SIGTERM');
  const code = await Promise.race([old.exited, sleep(MOST_MS, 'none' as const, { ref: false })]);
  const exitMs = now() - told;
  await sleep(WATCHED_MS);
  const calls = await people.look();
  const isHandedOver = ({ room, bots }: Seen) =>
    bots.length === 1 && !before.get(room)!.includes(bots[0]!);
  const refused = seenSoFar(next.logs).filter(({ message }) => message === 'call turned away');
  return {
    told,
    code,
    exitMs,
    calls,
    handedOver: calls.filter(isHandedOver).length,
    refused: refused.length,
  };
}

/** Rolls out as often as told, with the same calls. */
async function measure(bench: Bench): Promise<readonly [readonly Rollout[], readonly Said[]]> {
  const { people, calls, rollouts: count, assets, startWorker } = bench;
  let worker = await startWorker();
  await people.open(roomsOf('call', calls), assets.urlOf('music'));
  const rollouts: Rollout[] = [];
  try {
    while (rollouts.length < count) {
      const next = await startWorker();
      await sleep(READY_MS);
      const rollout = await rollOut(worker, next, bench);
      if (rollout.code === 'none') await worker.stop('SIGKILL');
      worker = next;
      rollouts.push(rollout);
      console.error(`roll-out ${rollouts.length}: ${rollout.handedOver} calls handed over`);
    }
    const said = await people.hush();
    return [rollouts, said];
  } finally {
    await people.close();
    await worker.stop();
  }
}

/** The gaps of callers whose bare SDK is replaced by another one. */
async function measureFloor({ server, people, floor }: Bench, mp3: Uint8Array) {
  const samples = await readyBuffer(mp3);
  const rooms = roomsOf('floor', floor);
  const first = await startBareSdk(server, FRAME_MS, samples);
  const second = await startBareSdk(server, FRAME_MS, samples);
  await people.listen(rooms);
  for (const room of rooms) await first.join(room);
  await people.hear();
  await people.mark();
  for (const room of rooms) {
    await second.join(room, 'another');
    await first.leave(room);
  }
  await sleep(WATCHED_MS);
  const gaps = (await people.look()).map(({ gap }) => gap);
  await people.close();
  await first.stop();
  await second.stop();
  return gaps;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function sumWords(counts: readonly WordCount[]): WordCount {
  const all = (key: keyof WordCount) => sum(counts.map((count) => count[key]));
  return {
    said: all('said'),
    published: all('published'),
    lost: all('lost'),
    doubled: all('doubled'),
    strange: all('strange'),
  };
}

const gapCells = (gaps: readonly number[]): Row => ({
  'gap p50': percentile(gaps, 0.5).toFixed(0),
  p95: percentile(gaps, 0.95).toFixed(0),
  max: percentile(gaps, 1).toFixed(0),
});

function toRow(name: string, rollouts: readonly Rollout[], words: WordCount): Row {
  const calls = rollouts.flatMap((rollout) => rollout.calls);
  const exits = rollouts.map(({ exitMs }) => exitMs / 1_000);
  return {
    'roll-out': name,
    calls: String(calls.length),
    'handed over': String(sum(rollouts.map(({ handedOver }) => handedOver))),
    refused: String(sum(rollouts.map(({ refused }) => refused))),
    'exit code': [...new Set(rollouts.map(({ code }) => String(code)))].join(),
    'exit s': Math.max(...exits).toFixed(1),
    ...gapCells(calls.map(({ gap }) => gap)),
    'leak ms': String(sum(calls.map(({ leak }) => leak))),
    said: String(words.said),
    published: String(words.published),
    lost: String(words.lost),
    doubled: String(words.doubled),
    strange: String(words.strange),
  };
}

/** What is wanted, and whether it was so. */
function conclusions(rollouts: readonly Rollout[], words: WordCount): readonly string[] {
  const calls = rollouts.flatMap((rollout) => rollout.calls);
  const gap = percentile(
    calls.map((call) => call.gap),
    0.95,
  );
  const exit = Math.max(...rollouts.map(({ exitMs }) => exitMs));
  const checks: readonly (readonly [string, boolean])[] = [
    [
      'all calls handed over, exit code 0',
      rollouts.every(({ code, handedOver, calls: all }) => code === 0 && handedOver === all.length),
    ],
    [`exit within ${TARGETS.exit / 1_000} s`, exit <= TARGETS.exit],
    [`gap in the music, p95 <= ${TARGETS.gap} ms`, gap <= TARGETS.gap],
    ['leak 0 ms', calls.every(({ leak }) => leak === 0)],
    ['no utterance lost or doubled', words.lost + words.doubled + words.strange === 0],
  ];
  return checks.map(([what, isMet]) => `${isMet ? 'ok    ' : 'MISSED'} ${what}`);
}

function report([rollouts, said]: Awaited<ReturnType<typeof measure>>, floor: readonly number[]) {
  const words = rollouts.map(({ told }, n) => {
    const end = rollouts[n + 1]?.told ?? Infinity;
    return sumWords(said.map((own) => countWords(own.said, own.read, told, end)));
  });
  const total = sumWords(words);
  const rows = [
    ...rollouts.map((rollout, n) => toRow(String(n + 1), [rollout], words[n]!)),
    toRow('all', rollouts, total),
    ...(floor.length > 0
      ? [{ 'roll-out': 'floor: bare SDK', calls: String(floor.length), ...gapCells(floor) }]
      : []),
  ];
  const spoilt = said.flatMap(({ said: all, read }) =>
    spoiltWords(all, read).filter(({ startMs }) => startMs >= rollouts[0]!.told),
  );
  const list = spoilt.map(({ text, startMs, times }) => {
    const { told } = rollouts.findLast((rollout) => rollout.told <= startMs)!;
    return `published ${times} times: "${text}", begun ${(startMs - told).toFixed(0)} ms after SIGTERM\n`;
  });
  return `${list.join('')}${table(rows)}\n\n${conclusions(rollouts, total).join('\n')}`;
}

function options(): Given {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '20' },
      rollouts: { type: 'string', default: '10' },
      floor: { type: 'string', default: '20' },
    },
  });
  const [calls, rollouts] = [Number(values.calls), Number(values.rollouts)];
  const floor = Number(values.floor);
  if (!(calls >= 1 && rollouts >= 1 && floor >= 0)) throw new Error(HELP);
  return { calls, rollouts, floor };
}

async function main(): Promise<void> {
  const given = options();
  console.log(`before: ${conditions()}`);
  const server = await startLiveKitServer();
  const mp3 = await toneMp3([{ hz: HANDED_TONES.music, ms: 5_000 }]);
  const assets = await startAssetServer({ music: { body: mp3 } });
  const phraseBook = forgivingPhraseBook(await loadPhrases());
  const providers = await startTranscriptionProviders(DELAY_MS, phraseBook);
  const people = await startHandedPeople(server, Math.ceil(given.calls / PER_PROCESS));
  const idleMachine = pathToFileURL(await buildProgram('idleMachine')).href;
  const env = {
    ...providers.env,
    NODE_OPTIONS: `--import=${idleMachine}`,
    MEDIA_BOT_ASSET_ORIGINS: assets.origin,
    MEDIA_BOT_DRAIN_SECONDS: '600',
    // How much fits into how much is another question.
    MEDIA_BOT_MEMORY_LIMIT_MB: '65536',
  };
  const startWorker = () => startBot(server, { command: ['dist/lib/main.js'], env });
  const bench = { ...given, server, assets, people, startWorker };
  try {
    const floor = given.floor > 0 ? await measureFloor(bench, mp3) : [];
    const measured = await measure(bench);
    console.log(`after:  ${conditions()}\n`);
    console.log(report(measured, floor));
  } finally {
    await people.stop();
    await providers.close();
    await assets.close();
    await server.stop();
    await dispose();
  }
}

await main();
