import '../demo/participants/quietRtcNode.js';

import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { dispose } from '@livekit/rtc-node';

import { startAssetServer } from '../demo/assetServer.js';
import { type LiveKitServer, startLiveKitServer } from '../demo/livekitServer.js';
import { conditions } from './conditions.js';
import { startPythonPeer, startStockWorker } from './densityPeers.js';
import { startBare, startWorker, type Subject } from './densitySubjects.js';
import { measureTranscribed } from './densityTranscribed.js';
import { fitLine } from './fitLine.js';
import { type CallerOnHold, joinOnHold } from './joinOnHold.js';
import { treeUsage, type TreeUsage } from './processTree.js';
import { readyBuffer } from './readyBuffer.js';
import { createSoundMeter } from './soundMeter.js';
import { type Row, table } from './table.js';

/*
 * What a room with one caller on hold takes: memory and processor time of the built worker and its
 * hosts, beside those of the bare SDK that plays the same music in one process (see `bareSdk`), and
 * with a few rooms beside the stock worker and a Python bot (see `densityPeers`). At last what it
 * takes to transcribe two people in each room.
 *
 * Server and callers are other processes and do not count, but the callers' ears do: `heard` is the
 * part of the time in which there was sound, of all callers together, and `gap` the longest silence
 * of any of them.
 *
 * PSS shares the pages of Node and of the native library out among all that run on the machine, the
 * bench itself included; what is private depends on nobody else.
 */
const HELP =
  'after npm run build: node --import tsx bench/density.ts [--rooms 4,10,20,40,60] ' +
  '[--peer-rooms 4] [--transcribed 10] [--seconds 60]; 0 leaves peers or transcription out';

/** Starting, joining and decoding, and the garbage of all three, are over by then. */
const SETTLE_MS = 10_000;
const MUSIC = new URL('../demo/assets/hold-music.mp3', import.meta.url);

/** What is compared; the second is what the others are multiples of. */
const WORKER = 'worker + 2 hosts';
const FLOOR = 'bare SDK, 20 ms frames';
const STOCK = 'stock worker';
const PYTHON = 'Python bot';

/** Wanted of the worker, with 40 rooms: PSS in MiB, and CPU per room as a multiple of that with 10. */
const MOST_MIB = 360;
const GROWTH = 1.2;
/** What a pod is given, in MiB. */
const POD_MIB = 512;
/** Over the silences of the music itself, in milliseconds: two lost packets. */
const GAP_MS = 40;

interface Figures extends Omit<TreeUsage, 'cpuMs'> {
  readonly subject: string;
  readonly rooms: number;
  /** In percent of one core. */
  readonly cpu: number;
  /** In percent; NaN without callers. */
  readonly heard: number;
  /** The longest silence of any caller, in milliseconds; NaN without callers. */
  readonly gap: number;
  /** Of the machine, over the last minute. */
  readonly load: number;
}

interface Bench {
  readonly server: LiveKitServer;
  readonly musicUrl: string;
  /** Ascending. */
  readonly counts: readonly number[];
  /** For those that have a process for each room. */
  readonly peerRooms: number;
  readonly transcribed: number;
  readonly seconds: number;
}

/** Growing from no room to the most. */
async function measure(
  name: string,
  subject: Subject,
  counts: readonly number[],
  { server, musicUrl, seconds }: Bench,
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
    console.log(`${name}: ${count} rooms, ${figures.at(-1)!.pssMiB.toFixed(0)} MiB`);
  }
  for (const caller of callers) await caller.leave();
  return figures;
}

async function observe(pid: number, callers: readonly CallerOnHold[], seconds: number) {
  const heardMs = () => callers.reduce((total, { meter }) => total + meter.heardMs(), 0);
  for (const { meter } of callers) meter.takeLongestGap();
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
    gap: Math.max(...callers.map(({ meter }) => meter.takeLongestGap())),
    load: loadavg()[0]!,
  };
}

function at(all: readonly Figures[], subject: string, rooms: number): Figures | undefined {
  return all.find((figures) => figures.subject === subject && figures.rooms === rooms);
}

function toRow(of: Figures, all: readonly Figures[]): Row {
  const [floor, idle] = [at(all, FLOOR, of.rooms), at(all, of.subject, 0)!];
  const ratio = (own: number, other: number | undefined) =>
    other === undefined ? '' : (own / other).toFixed(2);
  const perRoom = (total: number) => (of.rooms === 0 ? '' : (total / of.rooms).toFixed(1));
  return {
    'on hold': of.subject,
    rooms: String(of.rooms),
    processes: String(of.processes),
    'PSS MiB': of.pssMiB.toFixed(1),
    'private MiB': of.privateMiB.toFixed(1),
    'PSS / floor': ratio(of.pssMiB, floor?.pssMiB),
    'private MiB per room': perRoom(of.privateMiB - idle.privateMiB),
    'CPU %': of.cpu.toFixed(1),
    'CPU % per room': perRoom(of.cpu),
    'CPU / floor': of.rooms === 0 ? '' : ratio(of.cpu, floor?.cpu),
    'heard %': of.rooms === 0 ? '' : of.heard.toFixed(1),
    'gap ms': of.rooms === 0 ? '' : of.gap.toFixed(0),
    load: of.load.toFixed(1),
  };
}

/** What is wanted of the worker, as far as it was measured. */
function conclusions(all: readonly Figures[], ownGap: number): readonly string[] {
  const verdict = (isMet: boolean) => (isMet ? 'ok' : 'MISSED');
  const worker = all.filter(({ subject, rooms }) => subject === WORKER && rooms > 0);
  const [ten, forty] = [at(all, WORKER, 10), at(all, WORKER, 40)];
  const gap = Math.max(...worker.map((figures) => figures.gap));
  const lines = [
    `longest silence of any caller: ${gap.toFixed(0)} ms, ${ownGap.toFixed(0)} ms are the music's own: ` +
      verdict(gap <= ownGap + GAP_MS),
  ];
  if (forty) {
    const { pssMiB } = forty;
    lines.push(
      `40 rooms: ${pssMiB.toFixed(0)} MiB ${verdict(pssMiB <= MOST_MIB)} (<= ${MOST_MIB})`,
    );
  }
  if (ten && forty) {
    const growth = forty.cpu / 40 / (ten.cpu / 10);
    lines.push(
      `CPU per room, 40 : 10: ${growth.toFixed(2)} ${verdict(growth <= GROWTH)} (<= ${GROWTH})`,
    );
  }
  if (worker.length > 1) {
    const { base, slope } = fitLine(worker.map(({ rooms, pssMiB }) => ({ x: rooms, y: pssMiB })));
    const most = Math.floor((POD_MIB - base) / slope);
    lines.push(
      `worker: ${base.toFixed(0)} MiB + ${slope.toFixed(2)} MiB per room: ${POD_MIB} MiB at ${most} rooms`,
    );
  }
  return lines;
}

async function measureAll(bench: Bench, assetOrigin: string, samples: Int16Array) {
  const { server, counts, peerRooms } = bench;
  const peers = peerRooms === 0 ? [] : [peerRooms];
  const subjects: readonly (readonly [string, readonly number[], () => Promise<Subject>])[] = [
    [WORKER, counts, () => startWorker(server, assetOrigin)],
    [FLOOR, counts, () => startBare(server, samples, 20)],
    [STOCK, peers, () => startStockWorker(server, assetOrigin)],
    [PYTHON, peers, () => startPythonPeer(server)],
  ];
  const figures: Figures[] = [];
  for (const [name, own, start] of subjects.filter(([, { length }]) => length > 0)) {
    const subject = await start();
    try {
      figures.push(...(await measure(name, subject, own, bench)));
    } catch (error) {
      if (own !== peers) throw error;
      // LiveKit gives it no call while the machine is busy; that is no reason to lose the others.
      console.log(`${name} left out: ${String(error)}`);
    } finally {
      await subject.stop();
    }
  }
  return figures;
}

function options(): Omit<Bench, 'server' | 'musicUrl'> {
  const { values } = parseArgs({
    options: {
      rooms: { type: 'string', default: '4,10,20,40,60' },
      'peer-rooms': { type: 'string', default: '4' },
      transcribed: { type: 'string', default: '10' },
      seconds: { type: 'string', default: '60' },
    },
  });
  const counts = values.rooms.split(',').map(Number);
  const [peerRooms, transcribed] = [Number(values['peer-rooms']), Number(values.transcribed)];
  const seconds = Number(values.seconds);
  const isRight = [...counts, seconds].every((value) => value > 0);
  if (!isRight || !(peerRooms >= 0 && transcribed >= 0)) throw new Error(HELP);
  return { counts: counts.toSorted((a, b) => a - b), peerRooms, transcribed, seconds };
}

async function main(): Promise<void> {
  const given = options();
  console.log(`before: ${conditions()}`);
  const server = await startLiveKitServer();
  const music = await readFile(MUSIC);
  const samples = await readyBuffer(music);
  const ownGap = ownGapOf(samples);
  const assets = await startAssetServer({
    music: { body: music, headers: { 'Cache-Control': 'max-age=86400' } },
  });
  try {
    const bench = { ...given, server, musicUrl: assets.urlOf('music') };
    const figures = await measureAll(bench, assets.origin, samples);
    const transcribed = given.transcribed > 0 ? [await measureTranscribed(bench)] : [];
    console.log(`after:  ${conditions()}\n`);
    const byRooms = figures.toSorted((a, b) => a.rooms - b.rooms);
    console.log(table(byRooms.map((row) => toRow(row, figures))));
    console.log(`\n${conclusions(figures, ownGap).join('\n')}`);
    if (transcribed.length > 0) console.log(`\n${table(transcribed)}`);
  } finally {
    await assets.close();
    await server.stop();
    await dispose();
  }
}

/** The longest silence of the music itself, its loop seam included. */
function ownGapOf(samples: Int16Array): number {
  const meter = createSoundMeter(48);
  meter.hear(samples);
  meter.hear(samples);
  return meter.takeLongestGap();
}

await main();
