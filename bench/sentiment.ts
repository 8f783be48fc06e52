import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { createScoreSentiment } from '../lib/engines/sentiment.js';
import type { ScoreSentiment, SentimentScores } from '../operators/types.js';
import { conditions } from './conditions.js';
import { percentile } from './percentile.js';
import { installPythonVader } from './pythonVader.js';
import { type Row, table } from './table.js';

/*
 * How many texts a second are scored on one core, and how many of them like the reference scores
 * them: the product, the npm package by itself, and the reference implementation in Python, over
 * the same 1,400 texts. The median of some passes counts, the first of which warms up.
 *
 *     node --import tsx bench/sentiment.ts
 */
const TEXTS = fileURLToPath(new URL('../spec/fixtures/vader-reference.jsonl', import.meta.url));
const PASSES = 20;
/** The reference rounds to four digits. */
const EQUAL = 1e-4;

interface Judged extends SentimentScores {
  readonly text: string;
}

const lines = (await readFile(TEXTS, 'utf8')).trimEnd().split('\n');
const reference = lines.map((line) => JSON.parse(line) as Judged);

console.log(conditions());
const product = createScoreSentiment();
const rows = [measured('product', product), measured('npm vader-sentiment', npmScore())];
console.log(table([...rows, ...(await pythonRows())]));

function measured(subject: string, score: ScoreSentiment): Row {
  const seconds = Array.from({ length: PASSES }, () => {
    const start = performance.now();
    for (const { text } of reference) score(text);
    return (performance.now() - start) / 1_000;
  });
  const pairs = reference.map(({ text, compound }) => [score(text).compound, compound] as const);
  const equal = pairs.filter(([ours, theirs]) => Math.abs(ours - theirs) <= EQUAL).length;
  const opposite = pairs.filter(([ours, theirs]) => ours * theirs < 0).length;
  return row(subject, seconds, equal, opposite);
}

function row(subject: string, seconds: readonly number[], equal: number, opposite: number): Row {
  const median = percentile(seconds.slice(1), 0.5);
  return {
    subject,
    'texts/s': (reference.length / median).toFixed(0),
    'same compound': `${((100 * equal) / reference.length).toFixed(1)} %`,
    'opposite sign': String(opposite),
  };
}

function npmScore(): ScoreSentiment {
  const { SentimentIntensityAnalyzer } = createRequire(import.meta.url)('vader-sentiment') as {
    SentimentIntensityAnalyzer: { polarity_scores: ScoreSentiment };
  };
  return (text) => SentimentIntensityAnalyzer.polarity_scores(text);
}

/** None where the reference cannot be installed here, which is then said. */
async function pythonRows(): Promise<readonly Row[]> {
  try {
    const python = await installPythonVader();
    const seconds = await python.time(TEXTS, PASSES).finally(() => python.uninstall());
    return [row('Python vaderSentiment', seconds, reference.length, 0)];
  } catch (error) {
    console.log(`Python vaderSentiment was not measured: ${String(error)}`);
    return [];
  }
}
