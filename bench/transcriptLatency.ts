import '../demo/participants/quietRtcNode.js';

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { dispose, RoomEvent } from '@livekit/rtc-node';
import { filter } from 'rxjs';

import { startBot } from '../demo/botProcess.js';
import { firstWithin } from '../demo/firstWithin.js';
import { type LiveKitServer, startLiveKitServer } from '../demo/livekitServer.js';
import { now } from '../demo/participants/heardWindows.js';
import { type DemoParticipant, joinRoom } from '../demo/participants/joinRoom.js';
import { loadPhrases, type Phrase } from '../demo/providers/phrases/loadPhrases.js';
import { SPEECH_LIMITS } from '../operators/speechLimits.js';
import { VOICE_FRAME } from '../streams/fromAudioTrack.js';
import { conditions } from './conditions.js';
import { percentile } from './percentile.js';
import { type Row, table } from './table.js';
import { startTranscriptionFloor, type TranscriptionFloor } from './transcriptionFloorProcess.js';
import { loudEndMs } from './transcriptionLoud.js';
import { startTranscriptionProviders } from './transcriptionProviders.js';
import { openTranscribedCall } from './transcriptionRoom.js';

/*
 * How long after the end of what somebody says the others read it: from the last sample of speech,
 * as it leaves the microphone, to the data packet at a subscriber, less what the provider takes.
 *
 * The floor is another listener in the same room, see `transcriptionFloor`: from the last loud
 * sample to its word of it. What it takes and the pause that ends an utterance nobody can save.
 */
const HELP =
  'after npm run build: node --import tsx bench/transcriptLatency.ts [--utterances 33] ' +
  '[--delay 50] [--provider NAME] [--worker dist/lib/main.js]';

/** Wanted over the pause that ends an utterance, in milliseconds. */
const TARGET = 60;
const LATEST_MS = 5_000;
/** What loads at the first utterance is loaded after so many. */
const WARM_UP = 2;
const SETTLE_MS = 500;
/** Frames of the worker: without a pause of another length utterances would keep their step. */
const FRAME_MS = VOICE_FRAME;

const CASES = {
  Deepgram: { language: 'en', env: {} },
  Groq: { language: 'fr', env: {} },
  'ElevenLabs batch': { language: 'ar', env: { ELEVENLABS_MODE: 'batch' } },
  'ElevenLabs realtime': { language: 'ar', env: { ELEVENLABS_MODE: 'realtime' } },
};
type Case = (typeof CASES)[keyof typeof CASES];

/** Of one utterance, in milliseconds. */
interface Latency {
  /** End of speech to packet, less the provider's delay. */
  readonly total: number;
  /** How long after the end of speech the worker places it. */
  readonly placed: number;
  readonly floor: number;
}

interface Bench {
  readonly server: LiveKitServer;
  readonly floor: TranscriptionFloor;
  readonly providers: Readonly<Record<string, string>>;
  readonly phrases: readonly Phrase[];
  readonly utterances: number;
  readonly delayMs: number;
  /** Program of the worker. */
  readonly worker: string;
}

interface Ears {
  readonly speaker: DemoParticipant;
  readonly reader: DemoParticipant;
  /** When the floor last heard something loud. */
  readonly lastLoud: () => number;
}

/** Undefined where no text came: an utterance that ended early left too little for another one. */
async function speak(ears: Ears, phrase: Phrase, delayMs: number): Promise<Latency | undefined> {
  const { speaker, reader, lastLoud } = ears;
  const { endMs } = await speaker.say(phrase);
  const texts = reader.transcripts.pipe(filter(({ at }) => at > endMs));
  const text = await firstWithin(texts, LATEST_MS, 'a text').catch(() => undefined);
  const loudEnd = endMs - phrase.endMs + loudEndMs(phrase.samples, phrase.sampleRate);
  return (
    text && {
      total: text.at - endMs - delayMs,
      placed: text.packet.end_ms - endMs,
      floor: lastLoud() - loudEnd,
    }
  );
}

async function join({ server, floor }: Bench, room: string): Promise<Ears> {
  const speaker = await joinRoom(server, { room, identity: 'speaker', kind: 'sip' });
  const reader = await joinRoom(server, { room, identity: 'reader' });
  let last = 0;
  reader.room.on(RoomEvent.DataReceived, (_data, _sender, _kind, topic) => {
    if (topic === 'loud') last = now();
  });
  await floor.join(room);
  return { speaker, reader, lastLoud: () => last };
}

async function measure(bench: Bench, room: string, { language, env }: Case) {
  const { server, providers, phrases, utterances, delayMs, worker } = bench;
  const settings = { ...providers, ...env, MEDIA_BOT_LOAD_THRESHOLD: '1' };
  const bot = await startBot(server, { command: [worker], env: settings });
  const call = await openTranscribedCall(server, room, language);
  const ears = await join(bench, room);
  const latencies: (Latency | undefined)[] = [];
  for (let said = 0; said < WARM_UP + utterances; said += 1) {
    await sleep(FRAME_MS * Math.random());
    latencies.push(await speak(ears, phrases[said % phrases.length]!, delayMs));
  }
  // The last of them is still on its way as a caption, which a departure would break off.
  await sleep(SETTLE_MS);
  await ears.reader.leave();
  await ears.speaker.leave();
  await call.close();
  await bot.stop();
  return latencies.slice(WARM_UP);
}

function toRow(provider: string, all: readonly (Latency | undefined)[]): Row {
  const heard = all.filter((latency) => latency !== undefined);
  const spread = (of: (latency: Latency) => number) =>
    [0.5, 0.95].map((share) => percentile(heard.map(of), share).toFixed(0)).join(' / ');
  const over = (share: number) =>
    percentile(
      heard.map(({ total }) => total),
      share,
    ) - SPEECH_LIMITS.hangover;
  const verdict = (share: number) =>
    `${over(share).toFixed(0)} ${over(share) <= TARGET ? 'ok' : 'OVER'}`;
  return {
    'ms p50 / p95': provider,
    n: String(all.length),
    unheard: String(all.length - heard.length),
    'end to packet': spread(({ total }) => total),
    'end placed late by': spread(({ placed }) => placed),
    'from there': spread(({ total, placed }) => total - placed),
    floor: spread(({ floor }) => floor),
    [`over the pause (<= ${TARGET})`]: `${verdict(0.5)} / ${verdict(0.95)}`,
    'over pause and floor': spread(({ total, floor }) => total - floor - SPEECH_LIMITS.hangover),
  };
}

function options() {
  const { values } = parseArgs({
    options: {
      utterances: { type: 'string', default: '33' },
      delay: { type: 'string', default: '50' },
      provider: { type: 'string', default: '' },
      worker: { type: 'string', default: 'dist/lib/main.js' },
    },
  });
  const { provider, worker } = values;
  const [utterances, delayMs] = [Number(values.utterances), Number(values.delay)];
  const cases = Object.entries(CASES).filter(([name]) => name.startsWith(provider));
  const isRight = Number.isInteger(utterances) && utterances > 0 && delayMs >= 0;
  if (!isRight || cases.length === 0) throw new Error(HELP);
  return { utterances, delayMs, worker, cases };
}

async function main(): Promise<void> {
  const { cases, ...given } = options();
  console.log(`before: ${conditions()}`);
  const server = await startLiveKitServer();
  const floor = await startTranscriptionFloor(server);
  const standIns = await startTranscriptionProviders(given.delayMs);
  try {
    const phrases = await loadPhrases();
    const bench = { ...given, server, floor, phrases, providers: standIns.env };
    const rows: Row[] = [];
    for (const [provider, how] of cases) {
      rows.push(toRow(provider, await measure(bench, provider, how)));
    }
    console.log(`after:  ${conditions()}\n`);
    console.log(table(rows));
  } finally {
    await standIns.close();
    await floor.stop();
    await server.stop();
    await dispose();
  }
}

await main();
