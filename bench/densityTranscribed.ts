import { setTimeout as sleep } from 'node:timers/promises';

import { startBot } from '../demo/botProcess.js';
import type { CallService } from '../demo/callService.js';
import type { ServerAccess } from '../demo/participants/mintToken.js';
import { createPhraseBook } from '../demo/providers/phraseBook.js';
import { loadPhrases } from '../demo/providers/phrases/loadPhrases.js';
import { treeUsage } from './processTree.js';
import type { Row } from './table.js';
import { startTranscriptionProviders } from './transcriptionProviders.js';
import { openTranscribedCall, withPause } from './transcriptionRoom.js';
import { type Talk, talk, type Words } from './transcriptionTalk.js';

const LANGUAGE = 'en';
const PER_ROOM = 2;
/** Longer than the pause that ends an utterance. */
const PAUSE_MS = 800;
/** What a provider takes. */
const DELAY_MS = 50;
/** Joining and loading are over by then, and the last words understood. */
const SETTLE_MS = 10_000;
/** Of each speaker: the first may be half heard, the last may still be under way. */
const AT_THE_EDGES = 2;

/** What it takes to transcribe two people who talk all the time, in each of so many rooms. */
export async function measureTranscribed({
  server,
  transcribed: rooms,
  seconds,
}: {
  readonly server: ServerAccess;
  readonly transcribed: number;
  readonly seconds: number;
}): Promise<Row> {
  const all = await loadPhrases();
  const phrases = all.filter(({ language }) => language.startsWith(LANGUAGE));
  const providers = await startTranscriptionProviders(DELAY_MS, createPhraseBook(all));
  const env = { ...providers.env, MEDIA_BOT_MEMORY_LIMIT_MB: '65536' };
  const bot = await startBot(server, { command: ['dist/lib/main.js'], env });
  const [talks, calls]: [Talk[], CallService[]] = [[], []];
  for (let speaker = 0; speaker < rooms * PER_ROOM; speaker += 1) {
    const room = `transcribed ${Math.floor(speaker / PER_ROOM)}`;
    if (speaker % PER_ROOM === 0) calls.push(await openTranscribedCall(server, room, LANGUAGE));
    const own = phrases.map((phrase) => withPause(phrase, PAUSE_MS));
    const request = { room, identity: `speaker ${speaker}`, kind: 'sip' } as const;
    talks.push(await talk(server, request, own));
  }
  await sleep(SETTLE_MS);
  const [before, started] = [await treeUsage(bot.pid), performance.now()];
  await sleep(seconds * 1_000);
  const [after, elapsed] = [await treeUsage(bot.pid), performance.now() - started];
  const said = talks.reduce((sum, each) => sum + each.said.length - AT_THE_EDGES, 0);
  const known = talks.reduce((sum, { read, said: own }) => sum + understood(read, own), 0);
  await Promise.all(talks.map((each) => each.end()));
  await Promise.all(calls.map((call) => call.close()));
  await bot.stop();
  await providers.close();
  const cpu = (100 * (after.cpuMs - before.cpuMs)) / elapsed;
  return {
    transcribed: `${rooms} rooms, ${PER_ROOM} speakers each`,
    'PSS MiB': after.pssMiB.toFixed(1),
    'CPU %': cpu.toFixed(1),
    'CPU % per room': (cpu / rooms).toFixed(1),
    said: String(said),
    understood: String(Math.min(said, known)),
  };
}

function understood(read: readonly Words[], said: readonly Words[]): number {
  const texts = new Set(said.map(({ text }) => text));
  return read.filter(({ text }) => texts.has(text)).length;
}
