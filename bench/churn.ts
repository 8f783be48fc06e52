import '../demo/participants/quietRtcNode.js';

import { parseArgs } from 'node:util';

import { dispose } from '@livekit/rtc-node';
import { RoomServiceClient } from 'livekit-server-sdk';

import { type AssetServer, startAssetServer } from '../demo/assetServer.js';
import { type LiveKitServer, startLiveKitServer } from '../demo/livekitServer.js';
import { toneMp3 } from '../demo/toneMp3.js';
import { bareShortCall } from './bareShortCall.js';
import { type ChurnedWorkerOptions, type Remains, startChurnedWorker } from './churnedWorker.js';
import { conditions } from './conditions.js';
import { fitLine, type Point } from './fitLine.js';
import { makeShortCalls } from './makeShortCalls.js';
import { treeUsage } from './processTree.js';
import { readyBuffer } from './readyBuffer.js';
import type { ShortCall } from './shortCall.js';
import { startBareSdk } from './startBareSdk.js';
import { type Row, table } from './table.js';

/*
 * What is left of a thousand short calls. First through a worker as it is, whose hosts retire: of
 * every hundred, a part is made one after the other and the rest in waves; each caller of a wave has a
 * tone of its own. Then through one host that never retires, beside the bare SDK with rooms of its
 * own: what each call leaves behind.
 *
 * Everything is counted when all calls are over, where objects are counted after a collection of
 * garbage; the peak is the highest that was seen while they were being made. Server and callers are
 * other processes, and do not count. A call without a bot, or without an end, ends the bench.
 */
const HELP =
  'after npm run build: node --import tsx bench/churn.ts [--calls 1000] [--wave 10] ' +
  '[--every 100] [--max-calls 100] [--host-calls 200]';

/** Of each batch, made one after the other. */
const IN_A_ROW = 0.2;
const TONE_MS = 500;
/** Of it; the rest may fall between two windows, or into a caller's jitter buffer. */
const HEARD_MS = 300;
const LOWEST_HZ = 400;
const APART_HZ = 200;
/** Wanted: PSS at the end, as a multiple of that after the first batch. */
const GROWTH = 1.2;
/** How often one host, or the bare SDK, is looked at. */
const MARKS = 8;
/** Share of the calls in which caches fill and code is compiled: after that the line is straight. */
const WARM_UP = 0.25;

interface Given {
  readonly calls: number;
  readonly wave: number;
  readonly every: number;
  readonly maxCalls: number;
  readonly hostCalls: number;
}

interface Bench extends Given {
  readonly server: LiveKitServer;
  readonly assets: AssetServer;
  readonly rooms: RoomServiceClient;
}

/** Calls that are made before everything is counted. */
interface Batch {
  readonly name: string;
  readonly calls: number;
  /** How many of them, the first ones, are made one after the other; the others are in waves. */
  readonly inARow: number;
}

interface Mark extends Remains {
  readonly calls: number;
  /** Dispatches over one for each call: some get lost, and some bots are only slow. */
  readonly again: number;
  /** Callers whose first attempt to join failed: no doing of the worker's. */
  readonly rejoined: number;
  /** Callers who have not heard their tone, at least most of it. */
  readonly unheard: number;
  /** At the server. */
  readonly rooms: number;
}

const hzOf = (tone: number) => LOWEST_HZ + APART_HZ * tone;
const nameOf = (tone: number) => `tone-${hzOf(tone)}`;

/** The calls of a wave have different tones. */
async function makeCalls(
  { server, assets, wave }: Bench,
  { name, calls, inARow }: Batch,
): Promise<readonly ShortCall[]> {
  const { url, apiKey, apiSecret } = server;
  const tones = Array.from({ length: wave }, (_, tone) => ({
    url: assets.urlOf(nameOf(tone)),
    hz: hzOf(tone),
  }));
  const all = { server: { url, apiKey, apiSecret }, tones };
  const row = { ...all, name: `${name}, in a row`, calls: inARow, wave: 1 };
  const waves = { ...all, name: `${name}, in waves`, calls: calls - inARow, wave };
  return [...(await makeShortCalls(row)), ...(await makeShortCalls(waves))];
}

/** Makes one batch after the other, and counts what is left of each. */
async function through(
  options: Omit<ChurnedWorkerOptions, 'assetOrigin'>,
  batches: readonly Batch[],
  bench: Bench,
): Promise<readonly Mark[]> {
  const worker = await startChurnedWorker(bench.server, {
    assetOrigin: bench.assets.origin,
    ...options,
  });
  const none = { calls: 0, again: 0, rejoined: 0, unheard: 0, rooms: 0 };
  const marks: Mark[] = [];
  const note = (mark: Mark) => {
    marks.push(mark);
    console.log(lineOf(mark));
  };
  try {
    note({ ...none, ...(await worker.remains()) });
    for (const batch of batches) {
      const all = await makeCalls(bench, batch);
      note({
        calls: marks.at(-1)!.calls + batch.calls,
        again: all.reduce((sum, { dispatches }) => sum + dispatches - 1, 0),
        rejoined: all.filter(({ joins }) => joins > 1).length,
        unheard: all.filter(({ heardMs }) => heardMs < HEARD_MS).length,
        rooms: await roomsLeft(bench),
        ...(await worker.remains()),
      });
    }
  } finally {
    await worker.stop();
  }
  return marks;
}

/** Rooms at the server, but for those of the bare SDK. */
async function roomsLeft({ rooms }: Bench): Promise<number> {
  return (await rooms.listRooms()).filter(({ name }) => !name.startsWith('bare')).length;
}

function batchesOf(name: string, calls: number, every: number, shareInARow: number) {
  return Array.from({ length: Math.ceil(calls / every) }, (_, index): Batch => ({
    name: `${name} ${(index + 1) * every}`,
    calls: every,
    inARow: Math.floor(every * shareInARow),
  }));
}

/** Private memory of the bare SDK by the rooms that it has joined, in MiB. */
async function throughBareSdk({ server, hostCalls }: Bench): Promise<readonly Point[]> {
  const samples = await readyBuffer(await toneMp3([{ hz: LOWEST_HZ, ms: TONE_MS }]));
  const bare = await startBareSdk(server, 20, samples);
  const points: Point[] = [];
  try {
    for (let calls = 1; calls <= hostCalls; calls += 1) {
      await bareShortCall(server, bare, { room: `bare ${calls}`, hz: LOWEST_HZ, toneMs: TONE_MS });
      if (calls % Math.ceil(hostCalls / MARKS) !== 0) continue;
      points.push({ x: calls, y: (await treeUsage(bare.pid)).privateMiB });
      console.log(`bare SDK ${calls}: ${points.at(-1)!.y.toFixed(0)} MiB`);
    }
  } finally {
    await bare.stop();
  }
  return points;
}

const countOf = (objects: number) => (Number.isNaN(objects) ? '' : String(objects));

const toRow = (mark: Mark): Row => ({
  calls: String(mark.calls),
  'PSS MiB': mark.pssMiB.toFixed(1),
  'peak MiB': mark.peakMiB.toFixed(1),
  'private MiB': mark.privateMiB.toFixed(1),
  processes: String(mark.processes),
  threads: String(mark.threads),
  descriptors: String(mark.descriptors),
  sockets: String(mark.sockets),
  subscribers: countOf(mark.subscribers),
  emitters: countOf(mark.emitters),
  timers: countOf(mark.timers),
  rooms: String(mark.rooms),
  retired: String(mark.retired),
  'calls of those alive': String(mark.calls - mark.takenByRetired),
  died: String(mark.died),
  refused: String(mark.refused),
  'dispatched again': String(mark.again),
  rejoined: String(mark.rejoined),
  unheard: String(mark.unheard),
});

/** As it comes, for a run that does not reach its end. */
const lineOf = (mark: Mark) =>
  Object.entries(toRow(mark))
    .map((cell) => cell.join(' '))
    .join(', ');

const afterWarmUp = (points: readonly Point[]) =>
  points.filter(({ x }) => x > WARM_UP * points.at(-1)!.x);

function conclusions(marks: readonly Mark[], host: readonly Mark[], bare: readonly Point[]) {
  const [, first, ...others] = marks;
  const last = others.at(-1) ?? first!;
  const growth = last.pssMiB / first!.pssMiB;
  const verdict = growth <= GROWTH ? 'ok' : 'OVER';
  const peaks = [first!, last].map(({ peakMiB }) => peakMiB.toFixed(0));
  const points = host.map(({ calls, privateMiB }) => ({ x: calls, y: privateMiB }));
  const perCall = [points, bare].map((each) => fitLine(afterWarmUp(each)).slope.toFixed(2));
  return [
    `PSS after ${last.calls} calls : after ${first!.calls}: ${growth.toFixed(2)} ${verdict} (<= ${GROWTH})`,
    `highest meanwhile: ${peaks[1]!} MiB in the last batch, ${peaks[0]!} in the first`,
    `one host, MiB per call: ${perCall[0]!}; bare SDK, MiB per room: ${perCall[1]!}`,
  ];
}

function options(): Given {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '1000' },
      wave: { type: 'string', default: '10' },
      every: { type: 'string', default: '100' },
      'max-calls': { type: 'string', default: '100' },
      'host-calls': { type: 'string', default: '200' },
    },
  });
  const given = {
    calls: Number(values.calls),
    wave: Number(values.wave),
    every: Number(values.every),
    maxCalls: Number(values['max-calls']),
    hostCalls: Number(values['host-calls']),
  };
  if (!Object.values(given).every((value) => Number.isInteger(value) && value > 0)) {
    throw new Error(HELP);
  }
  return given;
}

async function main(): Promise<void> {
  const given = options();
  console.log(`before: ${conditions()}`);
  const server = await startLiveKitServer();
  const assets = await startAssetServer();
  const headers = { 'Cache-Control': 'max-age=86400' };
  for (let tone = 0; tone < given.wave; tone += 1) {
    const body = await toneMp3([{ hz: hzOf(tone), ms: TONE_MS }]);
    assets.put(nameOf(tone), { body, headers });
  }
  const rooms = new RoomServiceClient(server.url, server.apiKey, server.apiSecret);
  try {
    const bench = { ...given, server, assets, rooms };
    const { calls, every, maxCalls, hostCalls } = given;
    const worker = batchesOf('worker', calls, every, IN_A_ROW);
    const marks = await through(
      { hosts: 2, maxCalls, countsObjects: true, memoryLimitMiB: 512 },
      worker,
      bench,
    );
    const host = batchesOf('one host', hostCalls, Math.ceil(hostCalls / MARKS), 0);
    // Side by side: what is private depends on nobody else.
    const [hostMarks, bare] = await Promise.all([
      through({ hosts: 1, maxCalls: 1_000_000, countsObjects: false }, host, bench),
      throughBareSdk(bench),
    ]);
    console.log(`after:  ${conditions()}\n`);
    console.log(`worker and 2 hosts\n${table(marks.map(toRow))}\n`);
    console.log(`worker and 1 host that never retires\n${table(hostMarks.map(toRow))}\n`);
    console.log(conclusions(marks, hostMarks, bare).join('\n'));
  } finally {
    await assets.close();
    await server.stop();
    await dispose();
  }
}

await main();
