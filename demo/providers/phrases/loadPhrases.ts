import { readFile } from 'node:fs/promises';

import { decodeWav } from '../decodeWav.js';

/** A phrase that is spoken in a file of this folder. 16 kHz mono. */
export interface Phrase {
  readonly file: string;
  /** What a provider writes: with punctuation, Arabic without vowel marks. */
  readonly text: string;
  /** BCP 47. */
  readonly language: string;
  readonly samples: Int16Array;
  readonly sampleRate: number;
  /** Where the speech itself begins and ends within the samples. */
  readonly startMs: number;
  readonly endMs: number;
}

/** All phrases of this folder. */
export async function loadPhrases(): Promise<readonly Phrase[]> {
  const index = await readFile(new URL('index.json', import.meta.url), 'utf8');
  const entries = JSON.parse(index) as Omit<Phrase, 'samples' | 'sampleRate'>[];
  return Promise.all(
    entries.map(async (entry) => ({
      ...entry,
      ...decodeWav(await readFile(new URL(entry.file, import.meta.url))),
    })),
  );
}
