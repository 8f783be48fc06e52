import '../demo/participants/quietRtcNode.js';

import { dispose } from '@livekit/rtc-node';

import type { Milliseconds, SpeechFrame } from '../operators/types.js';
import { seededRandom } from '../spec/support/seededRandom.js';
import { VOICE_FRAME } from '../streams/fromAudioTrack.js';
import { conditions } from './conditions.js';
import { percentile } from './percentile.js';
import { type Row, table } from './table.js';
import { readMusic, readSpeech, type Recording, SAMPLE_RATE } from './vadRecordings.js';
import { type FoundUtterance, judge, utterancesIn } from './vadReplay.js';
import { atLevel, mix, noise, padded, type Span, spokenSpans } from './vadSound.js';

/*
 * How long a pause shall end an utterance, and how well speech is found: recorded sentences through
 * the real voice detection and the real `vadChunk`, in virtual time.
 *
 * A false cut is an end inside of a sentence. The wait is from the last sound of a sentence to the
 * moment at which its end is known. Where speech really is, the level of the clean recording tells.
 */
const FRAME = VOICE_FRAME;
/** In frames: nothing else can be told apart. */
const HANGOVERS: readonly Milliseconds[] = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 20].map(
  (frames) => frames * FRAME,
);
const MIN_SPEECH: readonly Milliseconds[] = [100, 150, 200, 250, 300, 350, 400];
/** Silence around what is said. */
const BEFORE: Milliseconds = 600;
const AFTER: Milliseconds = 2_000;
/** A voice on the telephone; the others are described by what differs from it. */
const SPEECH_DBFS = -26;
/** Every so many sentences are tried under each of the conditions: they take half a minute each. */
const SAMPLE = 3;

/** A sentence as the bot may hear it, judged. */
interface Trial {
  /** Where somebody speaks. */
  readonly spoken: readonly Span[];
  readonly judged: readonly SpeechFrame[];
}
type Distort = (speech: Int16Array) => Int16Array;

async function tryOut(
  sentences: readonly Recording[],
  distort: Distort,
): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  for (const { samples } of sentences) {
    const clean = padded(atLevel(samples, SPEECH_DBFS), BEFORE, AFTER);
    trials.push({ spoken: spokenSpans(clean), judged: await judge(distort(clean), FRAME) });
  }
  return trials;
}

function hangoverRow(trials: readonly Trial[], hangover: Milliseconds): Row {
  const results = trials.map((trial) => utterancesIn(trial.judged, FRAME, { hangover }));
  const cuts = results.map((utterances) => Math.max(0, utterances.length - 1));
  const waits = results.flatMap((utterances, i) => {
    const last = utterances.at(-1);
    return last ? [last.knownAt - trials[i]!.spoken.at(-1)!.end] : [];
  });
  const minutes = spokenMinutes(trials);
  return {
    'hangover ms': String(hangover),
    'false cuts per minute': (sum(cuts) / minutes).toFixed(2),
    'sentences cut %': percent(cuts.filter((cut) => cut > 0).length, trials.length),
    'wait ms, median': percentile(waits, 0.5).toFixed(0),
    'wait ms, p90': percentile(waits, 0.9).toFixed(0),
  };
}

function minSpeechRow(words: readonly Trial[], minSpeech: Milliseconds): Row {
  const found = words.filter(({ judged }) => utterancesIn(judged, FRAME, { minSpeech }).length > 0);
  return {
    'least speech ms': String(minSpeech),
    'single words unheard %': percent(words.length - found.length, words.length),
    of: String(words.length),
  };
}

function conditionRow(condition: string, trials: readonly Trial[]): Row {
  const results = trials.map(({ judged }) => utterancesIn(judged, FRAME, {}));
  const missed = results.map((utterances, i) => missedMs(trials[i]!.spoken, utterances));
  const minutes = spokenMinutes(trials);
  return {
    'speech under conditions': condition,
    'missed ms per minute': (sum(missed) / minutes).toFixed(0),
    'sentences unheard': String(results.filter(({ length }) => length === 0).length),
    of: String(trials.length),
    'utterances per sentence': (sum(results.map(({ length }) => length)) / trials.length).toFixed(
      2,
    ),
  };
}

async function soundRow(name: string, sounds: readonly Int16Array[]): Promise<Row> {
  let [utterances, falseMs, minutes] = [0, 0, 0];
  for (const sound of sounds) {
    const found = utterancesIn(await judge(sound, FRAME), FRAME, {});
    utterances += found.length;
    falseMs += sum(found.map(({ start, end }) => end - start));
    minutes += sound.length / SAMPLE_RATE / 60;
  }
  return {
    'nobody speaks': name,
    minutes: minutes.toFixed(1),
    'false utterances per minute': (utterances / minutes).toFixed(2),
    'false speech ms per minute': (falseMs / minutes).toFixed(0),
  };
}

/** What of the speech no utterance holds. */
function missedMs(spoken: readonly Span[], utterances: readonly FoundUtterance[]): Milliseconds {
  const heardOf = ({ start, end }: Span) =>
    utterances.map(({ heard }) =>
      Math.max(0, Math.min(end, heard.end) - Math.max(start, heard.start)),
    );
  return sum(spoken.map((span) => Math.max(0, span.end - span.start - sum(heardOf(span)))));
}

function spokenMinutes(trials: readonly Trial[]): number {
  return sum(trials.flatMap(({ spoken }) => spoken.map(({ start, end }) => end - start))) / 60_000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function percent(part: number, whole: number): string {
  return ((100 * part) / whole).toFixed(1);
}

async function conditionRows(sentences: readonly Recording[], music: Int16Array): Promise<Row[]> {
  const hiss = noise(10 * SAMPLE_RATE, seededRandom(1));
  const over = (background: Int16Array, db: number): Distort => {
    const quieter = atLevel(background, SPEECH_DBFS - db);
    return (speech) => mix(speech, quieter);
  };
  const some = sentences.filter((_, i) => i % SAMPLE === 0);
  const conditions: Record<string, Distort> = {
    'telephone band, -26 dBFS': (speech) => speech,
    'quiet, -40 dBFS': (speech) => atLevel(speech, -40),
    'very quiet, -50 dBFS': (speech) => atLevel(speech, -50),
    'music 20 dB below': over(music, 20),
    'music 10 dB below': over(music, 10),
    'music 5 dB below': over(music, 5),
    'white noise 20 dB below': over(hiss, 20),
    'white noise 10 dB below': over(hiss, 10),
  };
  const rows: Row[] = [];
  for (const [name, distort] of Object.entries(conditions)) {
    rows.push(conditionRow(name, await tryOut(some, distort)));
  }
  return rows;
}

async function soundRows(music: readonly Int16Array[]): Promise<Row[]> {
  const minute = 60 * SAMPLE_RATE;
  const hiss = noise(minute, seededRandom(1));
  return [
    await soundRow(
      'hold music',
      music.map((piece) => atLevel(piece, SPEECH_DBFS)),
    ),
    await soundRow('white noise, -26 dBFS', [atLevel(hiss, -26)]),
    await soundRow('white noise, -50 dBFS', [atLevel(hiss, -50)]),
    await soundRow('silence', [new Int16Array(minute)]),
  ];
}

async function main(): Promise<void> {
  console.log(conditions());
  const [{ sentences, words }, music] = [await readSpeech(), await readMusic()];
  const clean = await tryOut(sentences, (speech) => speech);
  const minutes = spokenMinutes(clean).toFixed(1);
  console.log(`${sentences.length} sentences, ${minutes} minutes of speech, ${FRAME} ms frames\n`);
  console.log(table(HANGOVERS.map((hangover) => hangoverRow(clean, hangover))));
  const single = await tryOut(words, (speech) => speech);
  console.log(`\n${table(MIN_SPEECH.map((minSpeech) => minSpeechRow(single, minSpeech)))}`);
  console.log(`\n${table(await conditionRows(sentences, music[0]!))}`);
  console.log(`\n${table(await soundRows(music))}`);
  await dispose();
}

await main();
