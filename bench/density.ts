import '../demo/participants/quietRtcNode.js';

import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { dispose } from '@livekit/rtc-node';

import { startAssetServer } from '../demo/assetServer.js';
import { type LiveKitServer, startLiveKitServer } from '../demo/livekitServer.js';
import { conditions } from './conditions.js';
import { startBare, startWorker, type Subject } from './densitySubjects.js';
import { type CallerOnHold, joinOnHold } from './joinOnHold.js';
import { treeUsage, type TreeUsage } from './processTree.js';
import { readyBuffer } from './readyBuffer.js';
import { type Row, table } from './table.js';

/*
 * What a room with one caller on hold takes: memory and processor time of the built worker and its
 * hosts, beside those of the bare SDK that plays the same music in one process (see `bareSdk`).
 * Server and callers are other processes and do not count, but the callers' ears do: `heard` is the
 * part of the time in which there was sound, of all callers together.
 *
 * PSS shares the pages of Node and of the native library out among all that run on the machine, the
 * bench itself included; what is private depends on nobody else.
 */
const HELP =
  'after npm run build: node --import tsx bench/density.ts [--rooms 1,10,20,40] [--seconds 15]';

/** Starting, joining and decoding, and the garbage of all three, are over by then. */
const SETTLE_MS = 10_000;
const MUSIC = new URL('../demo/assets/hold-music.mp3', import.meta.url);

/** What is compared; the second is what the others are multiples of. */
const WORKER = 'worker + 2 hosts';
const FLOOR = 'bare SDK, 20 ms frames';
const FLOOR_100 = 'bare SDK, 100 ms frames';

interface Figures extends Omit<TreeUsage, 'cpuMs'> {
  readonly subject: string;
  readonly rooms: number;
  /** In percent of one core. */
  readonly cpu: number;
  /** In percent; NaN without callers. */
  readonly heard: number;
  /** Of the machine, over the last minute. */
  readonly load: number;
}

interface Bench {
  readonly server: LiveKitServer;
  readonly musicUrl: string;
  /** Ascending. */
  readonly counts: readonly number[];
  readonly seconds: number;
}

/** Growing from no room to the most. */
async function measure(
  name: string,
  subject: Subject,
  { server, musicUrl, counts, seconds }: Bench,
): Promise<readonly Figures[]> {
  const callers: CallerOnHold[] = [];
  const figures: Figures[] = [];
  for (const count of [0, ...counts]) {
    while (callers.length < count) {
      const room = `${name} ${callers.length + 1}`;
      await subject.carry(room);
      callers.push(await joinOnHold(server, room, musicUrl));
    }
    await sleep(SETTLE_MS);
    figures.push({ subject: name, ...(await observe(subject.pid, callers, seconds)) });
  }
  for (const caller of callers) await caller.leave();
  return figures;
}

async function observe(pid: number, callers: readonly CallerOnHold[], seconds: number) {
  const heardMs = () => callers.reduce((total, caller) => total + caller.heardMs(), 0);
  const [before, heardBefore, started] = [await treeUsage(pid), heardMs(), performance.now()];
  await sleep(seconds * 1_000);
  const [after, heardAfter, elapsed] = [
    await treeUsage(pid),
    heardMs(),
    performance.now() - started,
  ];
  return {
    ...after,
    rooms: callers.length,
    cpu: (100 * (after.cpuMs - before.cpuMs)) / elapsed,
    heard: (100 * (heardAfter - heardBefore)) / elapsed / callers.length,
    load: loadavg()[0]!,
  };
}

function toRow(of: Figures, all: readonly Figures[]): Row {
  const at = (subject: string, rooms: number) =>
    all.find((figures) => figures.subject === subject && figures.rooms === rooms)!;
  const [floor, idle] = [at(FLOOR, of.rooms), at(of.subject, 0)];
  const perRoom = (total: number) => (of.rooms === 0 ? '' : (total / of.rooms).toFixed(1));
  return {
    'on hold': of.subject,
    rooms: String(of.rooms),
    processes: String(of.processes),
    'PSS MiB': of.pssMiB.toFixed(1),
    'private MiB': of.privateMiB.toFixed(1),
    'PSS / floor': (of.pssMiB / floor.pssMiB).toFixed(2),
    'private MiB per room': perRoom(of.privateMiB - idle.privateMiB),
    'CPU %': of.cpu.toFixed(1),
    'CPU % per room': perRoom(of.cpu),
    'CPU / floor': of.rooms === 0 ? '' : (of.cpu / floor.cpu).toFixed(2),
    'heard %': of.rooms === 0 ? '' : of.heard.toFixed(0),
    load: of.load.toFixed(1),
  };
}

async function measureAll(bench: Bench, assetOrigin: string): Promise<readonly Figures[]> {
  const { server } = bench;
  const samples = await readyBuffer(await readFile(MUSIC));
  const subjects = {
    [WORKER]: () => startWorker(server, assetOrigin),
    [FLOOR]: () => startBare(server, samples, 20),
    [FLOOR_100]: () => startBare(server, samples, 100),
  };
  const figures: Figures[] = [];
  for (const [name, start] of Object.entries(subjects)) {
    const subject = await start();
    try {
      figures.push(...(await measure(name, subject, bench)));
    } finally {
      await subject.stop();
    }
  }
  return figures;
}

function options(): Pick<Bench, 'counts' | 'seconds'> {
  const { values } = parseArgs({
    options: {
      rooms: { type: 'string', default: '1,10,20,40' },
      seconds: { type: 'string', default: '15' },
    },
  });
  const counts = values.rooms.split(',').map(Number);
  const seconds = Number(values.seconds);
  if (![...counts, seconds].every((value) => value > 0)) throw new Error(HELP);
  return { counts: counts.toSorted((a, b) => a - b), seconds };
}

async function main(): Promise<void> {
  const given = options();
  console.log(`before: ${conditions()}`);
  const server = await startLiveKitServer();
  const assets = await startAssetServer({
    music: { body: await readFile(MUSIC), headers: { 'Cache-Control': 'max-age=86400' } },
  });
  try {
    const bench = { ...given, server, musicUrl: assets.urlOf('music') };
    const figures = await measureAll(bench, assets.origin);
    console.log(`after:  ${conditions()}\n`);
    const byRooms = figures.toSorted((a, b) => a.rooms - b.rooms);
    console.log(table(byRooms.map((row) => toRow(row, figures))));
  } finally {
    await assets.close();
    await server.stop();
    await dispose();
  }
}

await main();
