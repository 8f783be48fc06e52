import '../demo/participants/quietRtcNode.js';

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { dispose } from '@livekit/rtc-node';

import { startBot } from '../demo/botProcess.js';
import { startLiveKitServer } from '../demo/livekitServer.js';
import { toneMp3 } from '../demo/toneMp3.js';
import { firstAudible } from './audibleAt.js';
import type { CommandedCaller } from './commandedCaller.js';
import { type ComparedCall, openComparedCall, type Side, SIDES } from './comparedCall.js';
import { conditions } from './conditions.js';
import { percentile } from './percentile.js';
import { type PlayScenario, startPlayScenarios } from './playScenarios.js';
import { readyBuffer } from './readyBuffer.js';
import { startBareSdk } from './startBareSdk.js';
import { type Row, table } from './table.js';

/*
 * How long a caller waits for the first sound of a play, and for silence after a stop: from the
 * RoomService call to the sample, as a real caller decodes it. The built worker and the floor (see
 * `bareSdk`) play the same tone in a room each, in turn, and the order changes from play to play.
 *
 * The silence with which the asset itself begins, an encoder's delay, is taken off both.
 */
const HELP = 'after npm run build: node --import tsx bench/firstAudio.ts [--plays N]';

/** How long each play is heard before it is stopped. */
const PLAYED_MS = 300;
/** Frames of the floor, and the length of a packet: without a pause plays would keep their step. */
const FRAME_MS = 20;
/**
 * A connection has a delay of its own, by up to a packet: where its packets fall between the ticks
 * of sender and listener. A few calls even that out, where more plays in the same one would not.
 */
const PLAYS_PER_CALL = 5;
const TONE = [{ hz: 440, ms: 5_000 }];

/** Milliseconds. */
type Samples = Readonly<Record<Side, number[]>>;
type Closers = (() => Promise<unknown>)[];

interface Bench {
  readonly scenarios: readonly PlayScenario[];
  /** Silence at the start of the asset, in milliseconds. */
  readonly lead: number;
  readonly openCall: (number: number) => Promise<ComparedCall>;
}

async function setUp(closers: Closers): Promise<Bench> {
  const server = await startLiveKitServer();
  closers.push(() => server.stop());
  const mp3 = await toneMp3(TONE, { bitrate: 128 });
  const { assets, scenarios } = await startPlayScenarios(mp3);
  closers.push(() => assets.close());
  const env = { MEDIA_BOT_ASSET_ORIGINS: assets.origin, MEDIA_BOT_LOAD_THRESHOLD: '1' };
  const bot = await startBot(server, { command: ['dist/lib/main.js'], env });
  closers.push(() => bot.stop());
  const samples = await readyBuffer(mp3);
  const bare = await startBareSdk(server, FRAME_MS, samples);
  closers.push(() => bare.stop());
  const openCall = (number: number) => openComparedCall(server, bare, number);
  return { scenarios, lead: firstAudible(samples) / 48, openCall };
}

async function playAndStop(caller: CommandedCaller, url: string): Promise<[number, number]> {
  await sleep(FRAME_MS * Math.random());
  const start = await caller.play(url);
  await sleep(PLAYED_MS);
  return [start, await caller.stop()];
}

async function measure(bench: Bench, plays: number): Promise<Row[]> {
  const starts = new Map(bench.scenarios.map((scenario) => [scenario, none()]));
  const stops = none();
  for (let played = 0; played < plays; played += PLAYS_PER_CALL) {
    const call = await bench.openCall(played);
    // What is warm was played before, and the worker's first play waits until the worker is there.
    for (const side of SIDES) await playAndStop(call.callers[side], bench.scenarios[0]!.url());
    for (let count = played; count < Math.min(plays, played + PLAYS_PER_CALL); count += 1) {
      const order = count % 2 === 0 ? SIDES : SIDES.toReversed();
      for (const [{ url }, samples] of starts) {
        for (const side of order) {
          const [start, stop] = await playAndStop(call.callers[side], url());
          samples[side].push(start - bench.lead);
          stops[side].push(stop);
        }
      }
    }
    await call.close();
  }
  const rows = [...starts].map(([scenario, samples]) => toRow(scenario, samples));
  return [...rows, toRow({ title: 'stop to silence', p50: 30 }, stops)];
}

function none(): Samples {
  return { worker: [], floor: [] };
}

function toRow({ title, ...targets }: Omit<PlayScenario, 'url'>, { worker, floor }: Samples): Row {
  const over = (share: number) => percentile(worker, share) - percentile(floor, share);
  const verdict = (share: number, target: number | undefined) =>
    target === undefined ? '' : `${over(share) <= target ? 'ok' : 'OVER'} (<= ${target})`;
  const spread = (samples: readonly number[]) =>
    [0.5, 0.95, 1].map((share) => percentile(samples, share).toFixed(1)).join(' / ');
  return {
    ms: title,
    n: String(worker.length),
    'worker p50 / p95 / max': spread(worker),
    'floor p50 / p95 / max': spread(floor),
    'p50 over floor': over(0.5).toFixed(1),
    'p50 target': verdict(0.5, targets.p50),
    'p95 over floor': over(0.95).toFixed(1),
    'p95 target': verdict(0.95, targets.p95),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { plays: { type: 'string', default: '50' } } });
  const plays = Number(values.plays);
  if (!Number.isInteger(plays) || plays < 1) throw new Error(HELP);
  const closers: Closers = [];
  try {
    console.log(`before: ${conditions()}`);
    const bench = await setUp(closers);
    const rows = await measure(bench, plays);
    console.log(`after:  ${conditions()}`);
    console.log(`taken off: ${bench.lead.toFixed(1)} ms of silence at the asset's start\n`);
    console.log(table(rows));
  } finally {
    for (const close of closers.reverse()) await close();
    await dispose();
  }
}

await main();
