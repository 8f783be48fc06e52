import '../demo/participants/quietRtcNode.js';

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { dispose } from '@livekit/rtc-node';
import { interval, map, type Subscription } from 'rxjs';

import { createDetectSpeech, loadVoiceDetection } from '../lib/engines/vad.js';
import type { Milliseconds, PcmFrame } from '../operators/types.js';
import { vadChunk } from '../operators/vadChunk.js';
import { conditions } from './conditions.js';
import { type Row, table } from './table.js';
import { readSpeech, SAMPLE_RATE } from './vadRecordings.js';

/*
 * What voice detection and segmentation take, in real time: processor time per voice,
 * and what loading the model does to this process.
 */
const HELP = 'node --import tsx bench/vadCost.ts [--voices 30] [--seconds 10]';

const MIB = 2 ** 20;
const FRAMES: readonly Milliseconds[] = [20, 50, 100];
/** A process that is blocked misses so many of these. */
const TICK: Milliseconds = 5;

async function measureLoading(): Promise<Row> {
  const [memory, began] = [process.memoryUsage.rss(), performance.now()];
  let [longest, last] = [0, began];
  const ticking = setInterval(() => {
    const now = performance.now();
    [longest, last] = [Math.max(longest, now - last), now];
  }, TICK);
  await loadVoiceDetection();
  const took = performance.now() - began;
  await sleep(2 * TICK);
  clearInterval(ticking);
  return {
    'loading the model': 'once per process',
    ms: took.toFixed(0),
    'longest block ms': longest.toFixed(0),
    'RSS MiB': ((process.memoryUsage.rss() - memory) / MIB).toFixed(0),
  };
}

function listen(sound: Int16Array, frameMs: Milliseconds, onUtterance: () => void): Subscription {
  const length = (frameMs * SAMPLE_RATE) / 1000;
  const frames = Math.floor(sound.length / length);
  return interval(frameMs)
    .pipe(
      map((i): PcmFrame => {
        const start = (i % frames) * length;
        return { samples: sound.slice(start, start + length), sampleRate: SAMPLE_RATE };
      }),
      vadChunk(createDetectSpeech(), { createId: () => '' }),
    )
    .subscribe({
      next: onUtterance,
      error: (error: unknown) => {
        throw error;
      },
    });
}

async function measureVoices(
  sounds: readonly Int16Array[],
  frameMs: Milliseconds,
  seconds: number,
): Promise<Row> {
  let utterances = 0;
  const voices = sounds.map((sound) => listen(sound, frameMs, () => (utterances += 1)));
  await sleep(2_000);
  const [cpu, began] = [process.cpuUsage(), performance.now()];
  await sleep(1000 * seconds);
  const { user, system } = process.cpuUsage(cpu);
  const share = (user + system) / 1000 / (performance.now() - began);
  for (const voice of voices) voice.unsubscribe();
  return {
    'frames of': `${frameMs} ms`,
    voices: String(voices.length),
    'CPU % of a core': (100 * share).toFixed(1),
    'CPU % per voice': ((100 * share) / voices.length).toFixed(2),
    utterances: String(utterances),
  };
}

function options(): { readonly voices: number; readonly seconds: number } {
  const { values } = parseArgs({
    options: {
      voices: { type: 'string', default: '30' },
      seconds: { type: 'string', default: '10' },
    },
  });
  const [voices, seconds] = [Number(values.voices), Number(values.seconds)];
  if (!(voices > 0 && seconds > 0)) throw new Error(HELP);
  return { voices, seconds };
}

async function main(): Promise<void> {
  const { voices, seconds } = options();
  console.log(`${conditions()}\n`);
  console.log(`${table([await measureLoading()])}\n`);
  const { sentences } = await readSpeech();
  const sounds = sentences.slice(0, voices).map(({ samples }) => samples);
  const rows: Row[] = [];
  for (const frameMs of FRAMES) rows.push(await measureVoices(sounds, frameMs, seconds));
  console.log(table(rows));
  await dispose();
}

await main();
