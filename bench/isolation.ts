import '../demo/participants/quietRtcNode.js';

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { dispose, SimulateScenarioKind } from '@livekit/rtc-node';

import { type AssetServer, startAssetServer } from '../demo/assetServer.js';
import { type LiveKitServer, startLiveKitServer } from '../demo/livekitServer.js';
import { now } from '../demo/participants/heardWindows.js';
import type { DemoParticipant, Subscribing } from '../demo/participants/joinRoom.js';
import { toneMp3 } from '../demo/toneMp3.js';
import { conditions } from './conditions.js';
import {
  heardMs,
  type IsolationCall,
  lastHeardMs,
  openIsolationCall,
  TONES,
} from './isolationCall.js';
import { percentile } from './percentile.js';
import { type Row, table } from './table.js';

/*
 * What a held caller hears of the others, in milliseconds of their tones at the caller's ear, and
 * how long it takes until everybody hears everybody again. Beside it the floor: the server's own
 * UpdateSubscriptions, called for one track that has been heard for long.
 */
const HELP = 'node --import tsx bench/isolation.ts [--rounds N] [--cycles N] [--incidents 0,1,2,…]';

const HOLD_HZ = 1_500;
/** From the hold to what happens during it, and for how long the caller's ear is watched then. */
const HELD_MS = 700;
const WATCHED_MS = 2_500;
/** Pauses between hold and unhold, as people make them. */
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const DEADLINE_MS = 10_000;

const { SIMULATE_FULL_RECONNECT, SIMULATE_SIGNAL_RECONNECT } = SimulateScenarioKind;

/** Something that happens while the caller is on hold, and the tone that might leak. */
interface Incident {
  readonly title: string;
  readonly hz: number;
  /** Greatest leak allowed, in milliseconds: median and maximum. */
  readonly targets: readonly [number | undefined, number];
  readonly subscribing?: Subscribing;
  /** Whether each round needs a call of its own. */
  readonly breaksCall?: boolean;
  happen(call: IsolationCall): Promise<unknown>;
  undo?(call: IsolationCall): Promise<unknown>;
}

const reconnect = ({ room }: DemoParticipant) => room.simulateScenario(SIMULATE_FULL_RECONNECT);
const resume = ({ room }: DemoParticipant) => room.simulateScenario(SIMULATE_SIGNAL_RECONNECT);
const LATER = [100, 200] as const;
const RECONNECT = [undefined, 300] as const;

const INCIDENTS: readonly Incident[] = [
  {
    title: 'a track is published',
    hz: TONES.colleague,
    targets: LATER,
    happen: ({ colleague }) => colleague.speak(TONES.colleague),
    undo: ({ colleague }) => colleague.unpublish(),
  },
  {
    title: 'the same, caller subscribes itself as well',
    hz: TONES.colleague,
    targets: LATER,
    subscribing: 'both',
    happen: ({ colleague }) => colleague.speak(TONES.colleague),
    undo: ({ colleague }) => colleague.unpublish(),
  },
  {
    title: 'somebody joins and publishes',
    hz: TONES.joiner,
    targets: LATER,
    happen: async ({ scene }) => {
      const joiner = await scene.join('joiner', { kind: 'standard' });
      await joiner.speak(TONES.joiner);
    },
    undo: ({ scene }) => scene.service.rooms.removeParticipant(scene.service.room, 'joiner'),
  },
  {
    title: 'the agent publishes anew',
    hz: TONES.agent,
    targets: LATER,
    happen: async ({ agent }) => {
      await agent.unpublish();
      await agent.speak(TONES.agent);
    },
  },
  {
    title: "the agent's full reconnect",
    hz: TONES.agent,
    targets: RECONNECT,
    happen: ({ agent }) => reconnect(agent),
  },
  {
    title: "the caller's resume",
    hz: TONES.agent,
    targets: RECONNECT,
    happen: ({ caller }) => resume(caller),
  },
  {
    title: 'the same, caller picks its tracks itself',
    hz: TONES.agent,
    targets: RECONNECT,
    subscribing: 'own',
    breaksCall: true,
    happen: ({ caller }) => resume(caller),
  },
  {
    title: "the caller's full reconnect",
    hz: TONES.agent,
    targets: RECONNECT,
    happen: ({ caller }) => reconnect(caller),
  },
  {
    title: 'the same, caller picks its tracks itself',
    hz: TONES.agent,
    targets: RECONNECT,
    subscribing: 'own',
    breaksCall: true,
    happen: ({ caller }) => reconnect(caller),
  },
  {
    title: 'the same, caller subscribes itself as well',
    hz: TONES.agent,
    targets: RECONNECT,
    subscribing: 'both',
    breaksCall: true,
    happen: ({ caller }) => reconnect(caller),
  },
  {
    title: "the bot's full reconnect",
    hz: TONES.agent,
    targets: RECONNECT,
    happen: ({ bot }) => bot.room().simulateScenario(SIMULATE_FULL_RECONNECT),
  },
  {
    title: 'the same, and a track is published',
    hz: TONES.colleague,
    targets: RECONNECT,
    happen: async ({ bot, colleague }) => {
      await bot.room().simulateScenario(SIMULATE_FULL_RECONNECT);
      await colleague.speak(TONES.colleague);
    },
    undo: ({ colleague }) => colleague.unpublish(),
  },
];

type Open = (subscribing: Subscribing, env?: Record<string, string>) => Promise<IsolationCall>;

function toRow(title: string, ms: readonly number[], p50?: number, max?: number): Row {
  const cell = (value: number, target: number | undefined) =>
    value.toFixed(0) +
    (target === undefined ? '' : ` (${value <= target ? 'ok' : 'OVER'}: <= ${target})`);
  return {
    ms: title,
    n: String(ms.length),
    p50: cell(percentile(ms, 0.5), p50),
    max: cell(percentile(ms, 1), max),
  };
}

async function leakOf(incident: Incident, call: IsolationCall): Promise<number> {
  await call.hold();
  await sleep(HELD_MS);
  const since = now();
  await incident.happen(call);
  await sleep(WATCHED_MS);
  const leak = heardMs(call.caller, incident.hz, since);
  if (!incident.breaksCall) await call.unhold();
  await incident.undo?.(call);
  return leak;
}

async function measureIncident(incident: Incident, rounds: number, open: Open): Promise<Row> {
  const leaks: number[] = [];
  const { subscribing = 'auto', breaksCall = false } = incident;
  const roundsPerCall = breaksCall ? 1 : rounds;
  while (leaks.length < rounds) {
    const call = await open(subscribing);
    for (let round = 0; round < roundsPerCall; round += 1) leaks.push(await leakOf(incident, call));
    await call.close();
  }
  return toRow(incident.title, leaks, ...incident.targets);
}

/** Hold and unhold, beside the server's own calls for the same track in the same room. */
async function measureStarts(rounds: number, open: Open): Promise<Row[]> {
  const call = await open('auto');
  const { caller, agent, scene } = call;
  const { rooms, room } = scene.service;
  const sid = [...agent.room.localParticipant!.trackPublications.keys()][0]!;
  const silence: number[] = [];
  const sound: number[] = [];
  const bareSilence: number[] = [];
  const bareSound: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    let since = now();
    await call.hold();
    await sleep(HELD_MS);
    silence.push(lastHeardMs(caller, TONES.agent, since));
    sound.push(await call.unhold());
    // The released caller's subscriptions are still asserted, which changes nothing but the load.
    await sleep(HELD_MS);
    since = now();
    await rooms.updateSubscriptions(room, 'caller', [sid], false);
    await sleep(400);
    bareSilence.push(lastHeardMs(caller, TONES.agent, since));
    since = now();
    await rooms.updateSubscriptions(room, 'caller', [sid], true);
    const { at } = await caller.waitForTone(TONES.agent, { within: DEADLINE_MS, since });
    bareSound.push(at - since);
    await sleep(HELD_MS);
  }
  await call.close();
  return [
    toRow('hold: command to the last of the agent', silence),
    toRow('  floor: UpdateSubscriptions, away', bareSilence),
    toRow('unhold: command to the agent', sound),
    toRow('  floor: UpdateSubscriptions, back', bareSound),
  ];
}

/** Both directions: the caller hears the agent again, and the agent the caller. */
async function measureCycles(cycles: number, open: Open): Promise<Row[]> {
  const call = await open('auto', { MEDIA_BOT_HOLD_BOTH_WAYS: 'true' });
  const pause = () =>
    sleep(SHORTEST_PAUSE_MS + Math.random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS));
  const callerHears: number[] = [];
  const agentHears: number[] = [];
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    await call.hold();
    await pause();
    const since = now();
    const heard = call.agent.waitForTone(TONES.caller, { within: DEADLINE_MS, since });
    callerHears.push(await call.unhold());
    agentHears.push((await heard).at - since);
    await pause();
  }
  await call.close();
  return [
    toRow('both ways, unhold: the caller hears the agent', callerHears, 150, 500),
    toRow('both ways, unhold: the agent hears the caller', agentHears, 150, 500),
  ];
}

async function measure(server: LiveKitServer, assets: AssetServer): Promise<Row[]> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '20' },
      cycles: { type: 'string', default: '50' },
      incidents: { type: 'string' },
    },
  });
  const [rounds, cycles] = [Number(values.rounds), Number(values.cycles)];
  if (!(rounds >= 1) || !(cycles >= 0)) throw new Error(HELP);
  const open: Open = (subscribing, env) => openIsolationCall(server, assets, subscribing, env);
  const numbers = values.incidents?.split(',').map(Number);
  const isAsked = (number: number) => numbers?.includes(number) ?? true;
  const rows = isAsked(0) ? await measureStarts(rounds, open) : [];
  for (const [index, incident] of INCIDENTS.entries()) {
    if (!isAsked(index + 1)) continue;
    rows.push(await measureIncident(incident, rounds, open));
    console.error(`${incident.title}: done`);
  }
  if (cycles > 0) rows.push(...(await measureCycles(cycles, open)));
  return rows;
}

async function main(): Promise<void> {
  console.log(`before: ${conditions()}`);
  const server = await startLiveKitServer();
  const hold = { body: await toneMp3([{ hz: HOLD_HZ, ms: 3_000 }]) };
  const assets = await startAssetServer({ hold });
  try {
    const rows = await measure(server, assets);
    console.log(`after:  ${conditions()}\n`);
    console.log(table(rows));
  } finally {
    await assets.close();
    await server.stop();
    await dispose();
  }
}

await main();
