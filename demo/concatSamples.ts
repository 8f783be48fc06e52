/** Pieces of sound as one, in their order. */
export function concatSamples(pieces: readonly Int16Array[]): Int16Array {
  const samples = new Int16Array(pieces.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return samples;
}
