import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from 'chai';

import { fitLine, type Point } from '../../bench/fitLine.js';
import { treeUsage } from '../../bench/processTree.js';
import { startTranscriptionProviders } from '../../bench/transcriptionProviders.js';
import { openTranscribedCall, withPause } from '../../bench/transcriptionRoom.js';

import { type Talk, talk } from '../../bench/transcriptionTalk.js';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import type { CallService } from '../../demo/callService.js';
import { type LiveKitServer, startLiveKitServer } from '../../demo/livekitServer.js';
import { createPhraseBook } from '../../demo/providers/phraseBook.js';
import { loadPhrases, type Phrase } from '../../demo/providers/phrases/loadPhrases.js';

/** How long people talk; the first third of it is what warms up. */
const MINUTES = Number(process.env.SOAK_MINUTES ?? 30);
const EVERY_MS = 5_000;
/** Longer than the pause that ends an utterance. */
const PAUSE_MS = 800;
/** Of private memory, in MiB a minute: a tenth of what the speech itself takes, 16 kHz mono. */
const FLAT = 0.55;
/** Of what is said; the rest may have been cut in two, which the phrase book does not know. */
const UNDERSTOOD = 0.95;
/** The first one begins before anybody can listen, the last one may still be under way. */
const AT_THE_EDGES = 2;
/** One for each provider. */
const LANGUAGES = ['en', 'fr', 'ar'];

describe(`soak: ${MINUTES} minutes of talk`, function () {
  this.timeout((MINUTES + 2) * 60_000);
  const talks: Talk[] = [];
  const calls: CallService[] = [];
  /** Private memory in MiB, by minute. */
  const samples: Point[] = [];
  let server: LiveKitServer;
  let bot: BotProcess;
  let providers: Awaited<ReturnType<typeof startTranscriptionProviders>>;

  before(async () => {
    const phrases = await loadPhrases();
    server = await startLiveKitServer();
    providers = await startTranscriptionProviders(50, createPhraseBook(phrases));
    const env = { ...providers.env, MEDIA_BOT_NUM_IDLE_PROCESSES: '1' };
    bot = await startBot(server, { env: { ...env, MEDIA_BOT_LOAD_THRESHOLD: '1' } });
    for (const language of LANGUAGES) {
      const own = phrases.filter((phrase) => phrase.language.startsWith(language));
      talks.push(await begin(language, own));
    }
    await watch();
  });
  after(async () => {
    await Promise.all(talks.map((each) => each.end()));
    await Promise.all(calls.map((call) => call.close()));
    await bot.stop();
    await providers.close();
    await server.stop();
  });

  async function begin(language: string, phrases: readonly Phrase[]): Promise<Talk> {
    const room = `soak ${language}`;
    calls.push(await openTranscribedCall(server, room, language));
    return talk(
      server,
      { room, identity: 'speaker', kind: 'sip' },
      phrases.map((phrase) => withPause(phrase, PAUSE_MS)),
    );
  }
  async function watch(): Promise<void> {
    const start = performance.now();
    for (let minute = 0; minute < MINUTES;) {
      await sleep(EVERY_MS);
      minute = (performance.now() - start) / 60_000;
      const { privateMiB } = await treeUsage(bot.pid);
      samples.push({ x: minute, y: privateMiB });
    }
  }

  it('should understand all the time', () => {
    for (const { said, read } of talks) {
      const texts = said.map(({ text }) => text);
      const known = read.filter(({ text }) => texts.includes(text));
      expect(known.length).to.be.at.least(UNDERSTOOD * said.length - AT_THE_EDGES);
      expect(known.length).to.be.at.most(said.length);
    }
  });

  it('should keep to the memory that it has', () => {
    const settled = samples.filter(({ x: minute }) => minute > MINUTES / 3);
    const { slope } = fitLine(settled);
    const last = settled.at(-1)!.y.toFixed(0);
    process.stdout.write(`      ${slope.toFixed(3)} MiB a minute, ${last} MiB at the end\n`);
    expect(slope).to.be.below(FLAT);
  });
});
