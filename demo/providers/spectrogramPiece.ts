import { BANDS } from './spectrogram.js';

/** Some columns of a spectrogram, less the mean of every band: a line's tone plays no part. */
export interface Piece {
  readonly columns: number;
  readonly values: Float32Array;
  /** Length of `values` as a vector: how much there is in the piece to be recognised by. */
  readonly norm: number;
}

/** Where a piece was found. */
export interface Place {
  /** Correlation: 1 is the same, 0 has nothing in common. */
  readonly similarity: number;
  readonly column: number;
}

/** A piece of a spectrogram; beyond the edges there is silence. */
export function pieceOf(picture: Float32Array, from: number, columns: number): Piece {
  const values = new Float32Array(columns * BANDS);
  const missing = Math.max(0, -from) * BANDS;
  values.set(picture.subarray(Math.max(0, from) * BANDS, (from + columns) * BANDS), missing);
  let energy = 0;
  for (let band = 0; band < BANDS; band += 1) {
    let sum = 0;
    for (let n = band; n < values.length; n += BANDS) sum += values[n]!;
    for (let n = band; n < values.length; n += BANDS) {
      values[n]! -= sum / columns;
      energy += values[n]! ** 2;
    }
  }
  return { columns, values, norm: Math.sqrt(energy) };
}

/** Where, at most `drift` columns from `at`, a spectrogram is most like a piece. */
export function findPiece(known: Piece, picture: Float32Array, at: number, drift: number): Place {
  let best: Place = { similarity: 0, column: at };
  for (let column = at - drift; column <= at + drift; column += 1) {
    const similarity = correlation(known, pieceOf(picture, column, known.columns));
    if (similarity > best.similarity) best = { similarity, column };
  }
  return best;
}

function correlation(a: Piece, b: Piece): number {
  let product = 0;
  for (let n = 0; n < a.values.length; n += 1) product += a.values[n]! * b.values[n]!;
  return product / (a.norm * b.norm || 1);
}
