import '../demo/participants/quietRtcNode.js';

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { dispose } from '@livekit/rtc-node';

import { type AssetServer, startAssetServer } from '../demo/assetServer.js';
import { type BotProcess, type LogLine, startBot } from '../demo/botProcess.js';
import { type LiveKitServer, startLiveKitServer } from '../demo/livekitServer.js';
import { now } from '../demo/participants/heardWindows.js';
import { joinRoom } from '../demo/participants/joinRoom.js';
import { toneMp3 } from '../demo/toneMp3.js';
import { seenSoFar } from '../spec/support/seenSoFar.js';
import { conditions } from './conditions.js';
import { HELD_TONES, type HeldCall, longestPause, openHeldCall } from './heldCall.js';
import { heardMs } from './isolationCall.js';
import { percentile } from './percentile.js';
import { readyBuffer } from './readyBuffer.js';
import { startBareSdk } from './startBareSdk.js';
import { type Row, table } from './table.js';

/*
 * What a caller on hold hears of it when the call host is killed (kill -9): for how long the music
 * is gone, and how much of the others gets through. Several calls in each of two hosts, all of them
 * transcribed; in each round one host is killed, then, once it is replaced, the other, which by then
 * carries them all.
 *
 * The floor is the bare SDK (see `bareSdk`) with one room: its process is killed, and a warm one
 * joins under the same identity as soon as it has ended.
 */
const HELP = 'after npm run build: node --import tsx bench/chaos.ts [--rounds 5] [--calls 4]';

const DEADLINE_MS = 60_000;
/** What comes late is heard by then. */
const WATCHED_MS = 2_000;
/** Frames of the floor. */
const FRAME_MS = 20;
const TARGETS = { gap: 600, leak: 400 };

/** Milliseconds, of one caller at one death. */
interface Blow {
  readonly gap: number;
  readonly leak: number;
  /** From the kill on; none where the host was another one. */
  readonly phases?: Phases;
}

interface Phases {
  readonly noticed: number;
  readonly joined: number;
}

interface Bench {
  readonly server: LiveKitServer;
  readonly assets: AssetServer;
  readonly bot: BotProcess;
}

const timeOf = ({ timestamp }: LogLine) => Date.parse(String(timestamp));
const roomOf = ({ service }: HeldCall) => service.room;

/** The host that carries a call now. */
function hostOf(call: HeldCall, { bot }: Bench): number {
  const joined = seenSoFar(bot.logs).filter(
    ({ process, message, room }) =>
      process === 'host' && message === 'room joined' && room === roomOf(call),
  );
  return Number(joined.at(-1)!.pid);
}

/** Resolves with when the worker says something of a call, after a moment. */
async function saidOf(call: HeldCall, message: string, since: number, { bot }: Bench) {
  const isIt = (line: LogLine) =>
    line.message === message && line.room === roomOf(call) && timeOf(line) >= since;
  return timeOf(await bot.waitForLog(isIt, DEADLINE_MS));
}

async function hitOf(call: HeldCall, struck: number, bench: Bench): Promise<Phases> {
  const since = Math.floor(struck);
  const noticed = await saidOf(call, 'call to be taken over', since, bench);
  const joined = await saidOf(call, 'room joined', since, bench);
  const listening = { within: DEADLINE_MS, from: call.bot, since: joined };
  await call.caller.waitForTone(HELD_TONES.music, listening);
  return { noticed: noticed - struck, joined: joined - struck };
}

/** Kills a host, and resolves with what each caller made of it. */
async function strike(pid: number, calls: readonly HeldCall[], bench: Bench): Promise<Blow[]> {
  const isHit = new Map(calls.map((call) => [call, hostOf(call, bench) === pid]));
  const struck = now();
  process.kill(pid, 'SIGKILL');
  const phases = await Promise.all(
    calls.map(async (call) => (isHit.get(call) ? hitOf(call, struck, bench) : undefined)),
  );
  await sleep(WATCHED_MS);
  return calls.map(({ caller }, index) => ({
    gap: longestPause(caller, struck),
    leak: heardMs(caller, HELD_TONES.colleague, struck),
    ...(phases[index] && { phases: phases[index] }),
  }));
}

const readyHosts = ({ bot }: Bench) =>
  seenSoFar(bot.logs).filter(({ message }) => message === 'call host ready').length;

async function playRound(count: number, bench: Bench): Promise<[Blow[], Blow[]]> {
  const { server, assets } = bench;
  const calls: HeldCall[] = [];
  for (let opened = 0; opened < count; opened += 1)
    calls.push(await openHeldCall(server, assets.urlOf('music')));
  const warm = readyHosts(bench);
  const one = hostOf(calls[0]!, bench);
  const first = await strike(one, calls, bench);
  while (readyHosts(bench) === warm) await sleep(100);
  const second = await strike(hostOf(calls[0]!, bench), calls, bench);
  while (readyHosts(bench) === warm + 1) await sleep(100);
  await Promise.all(calls.map((call) => call.close()));
  return [first, second];
}

async function floorRound(rooms: readonly string[], { server }: Bench, samples: Int16Array) {
  const first = await startBareSdk(server, FRAME_MS, samples);
  const second = await startBareSdk(server, FRAME_MS, samples);
  const callers = await Promise.all(
    rooms.map((room) => {
      const attributes = { 'media.command': 'play', 'media.command_id': room };
      return joinRoom(server, { room, identity: 'caller', kind: 'sip', attributes });
    }),
  );
  for (const room of rooms) await first.join(room);
  const heard = (since: number) =>
    Promise.all(
      callers.map((caller) => caller.waitForTone(HELD_TONES.music, { within: DEADLINE_MS, since })),
    );
  await heard(now());
  await sleep(WATCHED_MS);
  const struck = now();
  await first.kill();
  // Side by side, as the worker does; the first that is there resolves all of them.
  await Promise.all(rooms.map((room) => second.join(room)));
  await heard(now());
  await sleep(WATCHED_MS);
  const gaps = callers.map((caller) => longestPause(caller, struck));
  for (const caller of callers) await caller.leave();
  await second.stop();
  return gaps;
}

async function measureFloor(rounds: number, count: number, bench: Bench, mp3: Uint8Array) {
  const samples = await readyBuffer(mp3);
  const gaps: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const rooms = Array.from({ length: count }, (_, room) => `floor-${count}-${round}-${room}`);
    gaps.push(...(await floorRound(rooms, bench, samples)));
  }
  return gaps;
}

function toRow(title: string, values: readonly number[], target?: number): Row {
  const figure = (share: number) => percentile(values, share).toFixed(0);
  const isMet = target === undefined || percentile(values, 0.95) <= target;
  return {
    ms: title,
    n: String(values.length),
    p50: figure(0.5),
    p95: figure(0.95) + (target === undefined ? '' : ` (${isMet ? 'ok' : 'OVER'}: <= ${target})`),
    max: figure(1),
  };
}

function rowsOf(title: string, blows: readonly Blow[]): Row[] {
  const hit = blows.flatMap((blow) => (blow.phases ? [{ ...blow, phases: blow.phases }] : []));
  return [
    toRow(
      `${title}: music gone`,
      hit.map(({ gap }) => gap),
      TARGETS.gap,
    ),
    toRow(
      '  from the kill to the worker taking it up',
      hit.map(({ phases }) => phases.noticed),
    ),
    toRow(
      '  from there to the room',
      hit.map(({ phases }) => phases.joined - phases.noticed),
    ),
  ];
}

async function measure(bench: Bench, mp3: Uint8Array): Promise<Row[]> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      calls: { type: 'string', default: '4' },
    },
  });
  const [rounds, calls] = [Number(values.rounds), Number(values.calls)];
  if (!(rounds >= 1) || !(calls >= 2)) throw new Error(HELP);
  const floor = await measureFloor(rounds, 1, bench, mp3);
  const floorOfAll = await measureFloor(rounds, calls, bench, mp3);
  const blows: [Blow[], Blow[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const [first, second] = await playRound(calls, bench);
    blows[0].push(...first);
    blows[1].push(...second);
    console.error(`round ${round + 1}: done`);
  }
  const all = blows.flat();
  const spared = all.filter(({ phases }) => phases === undefined);
  return [
    ...rowsOf('the first host', blows[0]),
    ...rowsOf('the second, with all calls', blows[1]),
    toRow('floor: bare SDK, one room', floor),
    toRow('floor: bare SDK, as many rooms', floorOfAll),
    toRow(
      'calls of the other host: music gone',
      spared.map(({ gap }) => gap),
    ),
    toRow(
      'colleague heard by those on hold',
      all.map(({ leak }) => leak),
      TARGETS.leak,
    ),
  ];
}

async function main(): Promise<void> {
  console.log(`before: ${conditions()}`);
  const server = await startLiveKitServer();
  const mp3 = await toneMp3([{ hz: HELD_TONES.music, ms: 5_000 }]);
  const assets = await startAssetServer({ music: { body: mp3 } });
  const bot = await startBot(server, {
    command: ['dist/lib/main.js'],
    env: { MEDIA_BOT_ASSET_ORIGINS: assets.origin },
  });
  try {
    const rows = await measure({ server, assets, bot }, mp3);
    console.log(`after:  ${conditions()}\n`);
    console.log(table(rows));
  } finally {
    await bot.stop();
    await assets.close();
    await server.stop();
    await dispose();
  }
}

await main();
