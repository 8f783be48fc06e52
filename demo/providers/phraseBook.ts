import { BANDS, COLUMN_MS, RANGE_DB, spectrogram } from './spectrogram.js';
import { findPiece, pieceOf, type Piece } from './spectrogramPiece.js';

/** A phrase as it was recorded. */
export interface RecordedPhrase {
  readonly text: string;
  /** Mono. */
  readonly samples: Int16Array;
  readonly sampleRate: number;
  /** Where the speech itself begins and ends within the samples. */
  readonly startMs: number;
  readonly endMs: number;
}

/** Knows some phrases by ear. */
export interface PhraseBook {
  /**
   * What is said in a stretch of mono audio: the texts of the phrases in it, in order, joined by
   * a space. `undefined` where nothing is said, and where anything is heard but whole phrases of
   * the book, one after the other.
   */
  recognise(samples: Int16Array, sampleRate: number): string | undefined;
}

/** Phrases are compared piece by piece, for a lost packet shifts all that follows it. */
const PIECE_COLUMNS = 400 / COLUMN_MS;
/** How far from where it is due a piece may be. */
const DRIFT_COLUMNS = 60 / COLUMN_MS;
/** How far from its first sound a phrase may begin: first consonants are soft. */
const ONSET_COLUMNS = 200 / COLUMN_MS;
/** What is quieter is no sound, and what is shorter a click. */
const SOUND_DB = RANGE_DB - 25;
const SOUND_COLUMNS = 80 / COLUMN_MS;
/**
 * How similar any two pieces in a row have to be, on average: a codec leaves 0.94, two voices at
 * once leave 0.82. A single piece is no measure, for it may suffer from a lost packet.
 */
const SIMILAR = 0.83;

interface LearntPhrase {
  readonly text: string;
  readonly pieces: readonly Piece[];
}

interface Match {
  readonly text: string;
  readonly similarity: number;
  /** The column behind the phrase. */
  readonly end: number;
}

/**
 * Learns phrases, to recognise them by ear, by correlating spectrograms: neither volume nor a codec
 * plays a part, nor does a lost packet. One recognition takes about 12 ms for 22 phrases.
 */
export function createPhraseBook(recorded: readonly RecordedPhrase[]): PhraseBook {
  const phrases = recorded.map(learn);
  return {
    recognise: (samples, sampleRate) => {
      const heard = spectrogram(samples, sampleRate);
      const texts: string[] = [];
      for (let at = soundFrom(heard, 0); at !== undefined;) {
        const match = bestMatch(phrases, heard, at);
        if (match === undefined) return undefined;
        texts.push(match.text);
        at = soundFrom(heard, match.end);
      }
      return texts.join(' ') || undefined;
    },
  };
}

function learn({ text, samples, sampleRate, startMs, endMs }: RecordedPhrase): LearntPhrase {
  const picture = spectrogram(samples, sampleRate);
  const start = Math.round(startMs / COLUMN_MS);
  const columns = Math.round(endMs / COLUMN_MS) - start;
  const count = Math.ceil(columns / PIECE_COLUMNS);
  const edge = (n: number) => start + Math.round((columns * n) / count);
  const pieces = Array.from({ length: count }, (_, n) =>
    pieceOf(picture, edge(n), edge(n + 1) - edge(n)),
  );
  return { text, pieces };
}

/** The column, this or a later one, in which a sound begins. */
function soundFrom(heard: Float32Array, column: number): number | undefined {
  for (let lasting = 0; column * BANDS < heard.length; column += 1) {
    const loudest = Math.max(...heard.subarray(column * BANDS, (column + 1) * BANDS));
    lasting = loudest > SOUND_DB ? lasting + 1 : 0;
    if (lasting === SOUND_COLUMNS) return column - SOUND_COLUMNS + 1;
  }
  return undefined;
}

/** The phrase that begins about there, if any does. */
function bestMatch(
  phrases: readonly LearntPhrase[],
  heard: Float32Array,
  at: number,
): Match | undefined {
  return phrases
    .map((phrase) => follow(phrase, heard, at))
    .filter((match) => match !== undefined)
    .sort((a, b) => b.similarity - a.similarity)[0];
}

/** Looks for a phrase, each piece where the one before it ended. */
function follow(
  { text, pieces }: LearntPhrase,
  heard: Float32Array,
  at: number,
): Match | undefined {
  let [end, drift, before, sum] = [at, ONSET_COLUMNS, 1, 0];
  for (const known of pieces) {
    const { similarity, column } = findPiece(known, heard, end, drift);
    if ((before + similarity) / 2 < SIMILAR) return undefined;
    [end, drift, before] = [column + known.columns, DRIFT_COLUMNS, similarity];
    sum += similarity;
  }
  return { text, similarity: sum / pieces.length, end };
}
