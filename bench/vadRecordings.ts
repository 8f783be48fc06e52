import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { concatSamples } from '../demo/concatSamples.js';
import { createSoxrResampler } from '../lib/engines/resampler.js';
import type { Hertz } from '../operators/types.js';

/** What a voice is judged at. */
export const SAMPLE_RATE: Hertz = 16_000;

const SOUNDS = '/usr/share/asterisk/sounds';
const MUSIC = '/usr/share/asterisk/moh';
const TEXTS = '/usr/share/doc';
/** Where voices are in Debian, and the texts that they read. */
const VOICES = {
  en: join(SOUNDS, 'en_US_f_Allison'),
  fr: join(SOUNDS, 'fr_CA_f_June'),
} as const;
const PACKAGES =
  'apt-get install asterisk-core-sounds-en-wav asterisk-core-sounds-fr-wav ' +
  'asterisk-core-sounds-en asterisk-core-sounds-fr asterisk-moh-opsound-wav';

const WAV_HEADER_BYTES = 44;
const WAV_RATE: Hertz = 8_000;
/** Shorter ones are words; in a sentence of this length there is something to cut. */
const SENTENCE_SECONDS = 2;

/** What somebody says in one go: 16 kHz, of telephone bandwidth. */
export interface Recording {
  readonly name: string;
  readonly text: string;
  readonly samples: Int16Array;
}

/** Recordings of one sentence each, and of one word each: two languages, a studio voice each. */
export async function readSpeech(): Promise<Record<'sentences' | 'words', readonly Recording[]>> {
  const languages = Object.entries(VOICES).map(([language, folder]) => readVoice(language, folder));
  const all = (await orSayWhatIsMissing(Promise.all(languages))).flat();
  const sentences = all.filter(
    ({ text, samples }) => isOneSentence(text) && samples.length >= SENTENCE_SECONDS * SAMPLE_RATE,
  );
  return { sentences, words: all.filter(({ text }) => /^\p{L}+$/u.test(text)) };
}

/** Hold music, the first minute of each piece: 16 kHz, of telephone bandwidth. */
export async function readMusic(): Promise<readonly Int16Array[]> {
  const names = (await orSayWhatIsMissing(readdir(MUSIC))).filter((name) => name.endsWith('.wav'));
  const pieces = names.sort().map((name) => readWav(join(MUSIC, name)));
  return (await Promise.all(pieces)).map((piece) => piece.slice(0, 60 * SAMPLE_RATE));
}

async function readVoice(language: string, folder: string): Promise<readonly Recording[]> {
  const file = `core-sounds-${language}.txt.gz`;
  const texts = gunzipSync(await readFile(join(TEXTS, `asterisk-core-sounds-${language}`, file)));
  const existing = new Set(await readdir(folder, { recursive: true }));
  const recordings: Recording[] = [];
  for (const line of texts.toString('utf8').split('\n')) {
    const [, name = '', text = ''] = /^([\w/-]+): (.+)$/.exec(line) ?? [];
    if (!existing.has(`${name}.wav`)) continue;
    const samples = await readWav(join(folder, `${name}.wav`));
    recordings.push({ name: `${language}/${name}`, text: text.trim(), samples });
  }
  return recordings;
}

/** Without a mark inside at which a speaker would rightly pause; and no sound effect. */
function isOneSentence(text: string): boolean {
  return !/[.!?;:…][^.]|\.\.|[[(]/.test(text);
}

async function readWav(path: string): Promise<Int16Array> {
  const bytes = await readFile(path);
  if (bytes.readUInt32LE(24) !== WAV_RATE || bytes.readUInt16LE(34) !== 16) {
    throw new Error(`${path} is not 16 bits at ${WAV_RATE} Hz`);
  }
  const data = bytes.subarray(WAV_HEADER_BYTES);
  const samples = new Int16Array(data.length >> 1).map((_, i) => data.readInt16LE(2 * i));
  const resampler = createSoxrResampler(WAV_RATE, SAMPLE_RATE);
  const frames = [...resampler.push({ samples, sampleRate: WAV_RATE }), ...resampler.flush()];
  resampler.close();
  return concatSamples(frames.map((frame) => frame.samples));
}

async function orSayWhatIsMissing<T>(reading: Promise<T>): Promise<T> {
  return reading.catch((cause: unknown) => {
    throw new Error(`recordings are missing; on Debian: ${PACKAGES}`, { cause });
  });
}
