import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { type Browser, chromium, type Page } from 'playwright-core';
import { from, lastValueFrom } from 'rxjs';

import { loadPhrases } from '../../demo/providers/phrases/loadPhrases.js';
import { encodeWav } from '../../operators/encodeWav.js';
import { findChromium } from './findChromium.js';

/** Long enough to build the server and get a browser, where nobody has done so before. */
const START_TIMEOUT_MS = 600_000;
/** Nothing here takes that long; a wait that ends by this has failed. */
const PAGE_TIMEOUT_MS = 30_000;
/** Around what is said, so that each time it is an utterance of its own. */
const SILENCE_S = 0.5;
/** Keys in somebody's shell would have the bot talk to the real providers. */
const NO_KEYS = { DEEPGRAM_API_KEY: '', ELEVENLABS_API_KEY: '', GROQ_API_KEY: '' };

/** `npm run playground` in a process of its own, and a browser. */
export interface Playground {
  readonly origin: string;
  /** Ends the playground, as Ctrl-C does; resolves with its exit code. */
  readonly stop: () => Promise<number | null>;
  /** A page as a person of one's own sees it, who allows the microphone or not (default). */
  readonly visit: (path: string, microphone?: 'allowed' | 'refused') => Promise<Page>;
}

/**
 * Runs the playground and a browser around the specs of the enclosing `describe`.
 *
 * @param spoken the recording that the fake microphone hears, over and over.
 */
export function usePlayground(spoken: string): () => Playground {
  let child: ChildProcess | undefined;
  let browser: Browser | undefined;
  let playground: Playground | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'playground-'));
  const stop = async () => {
    const exited = child!.exitCode ?? once(child!, 'exit').then(([code]) => code as number | null);
    child!.kill('SIGINT');
    return exited;
  };
  before(async function () {
    this.timeout(START_TIMEOUT_MS);
    child = spawn(process.execPath, ['--import', 'tsx', 'demo/playground/playground.ts'], {
      env: { ...process.env, ...NO_KEYS },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const microphone = join(folder, 'microphone.wav');
    writeFileSync(microphone, await loopOf(spoken));
    browser = await chromium.launch({
      executablePath: await findChromium((line) => process.stderr.write(`${line}\n`)),
      args: [
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-audio-capture=${microphone}`,
      ],
    });
    const origin = await originOf(child);
    const visit = visitor(browser, origin);
    playground = { origin, stop, visit };
  });
  after(async () => {
    await browser?.close();
    if (child !== undefined) await stop();
    rmSync(folder, { recursive: true });
  });
  return () => playground!;
}

async function loopOf(file: string): Promise<Uint8Array> {
  const phrases = await loadPhrases();
  const { samples, sampleRate } = phrases.find((phrase) => phrase.file === file)!;
  const silence = { samples: new Int16Array(SILENCE_S * sampleRate), sampleRate };
  const frames = from([silence, { samples, sampleRate }, silence]);
  return lastValueFrom(frames.pipe(encodeWav()), { defaultValue: new Uint8Array() });
}

async function originOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const [origin] = /http:\S+(?= in a browser)/.exec(line) ?? [];
    if (origin !== undefined) return origin;
  }
  throw new Error('the playground ended before it named its address');
}

/** Chromium refuses what nobody is there to allow. */
function visitor(browser: Browser, origin: string): Playground['visit'] {
  return async (path, microphone = 'refused') => {
    const permissions = microphone === 'allowed' ? ['microphone'] : [];
    const context = await browser.newContext({ permissions });
    context.setDefaultTimeout(PAGE_TIMEOUT_MS);
    const page = await context.newPage();
    await page.goto(`${origin}${path}`);
    return page;
  };
}
