/** Replaces a signal of a fixed length, as real and imaginary parts, by its spectrum. */
export type Fft = (real: Float64Array, imaginary: Float64Array) => void;

/** Fourier transform of a length that is a power of two, by Cooley and Tukey (radix 2, in place). */
export function createFft(size: number): Fft {
  const cosines = Float64Array.from({ length: size / 2 }, (_, n) =>
    Math.cos((2 * Math.PI * n) / size),
  );
  const sines = Float64Array.from(
    { length: size / 2 },
    (_, n) => -Math.sin((2 * Math.PI * n) / size),
  );
  return (real, imaginary) => {
    reverseBits(real, imaginary);
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let n = 0; n < half; n += 1) {
          const even = start + n;
          const odd = even + half;
          const twiddle = n * step;
          const re = real[odd]! * cosines[twiddle]! - imaginary[odd]! * sines[twiddle]!;
          const im = real[odd]! * sines[twiddle]! + imaginary[odd]! * cosines[twiddle]!;
          real[odd] = real[even]! - re;
          imaginary[odd] = imaginary[even]! - im;
          real[even]! += re;
          imaginary[even]! += im;
        }
      }
    }
  };
}

/** Brings the samples into the order in which the halves are merged. */
function reverseBits(real: Float64Array, imaginary: Float64Array): void {
  for (let index = 1, reversed = 0; index < real.length; index += 1) {
    let bit = real.length / 2;
    for (; reversed & bit; bit /= 2) reversed ^= bit;
    reversed ^= bit;
    if (index >= reversed) continue;
    swap(real, index, reversed);
    swap(imaginary, index, reversed);
  }
}

function swap(values: Float64Array, one: number, other: number): void {
  const value = values[one]!;
  values[one] = values[other]!;
  values[other] = value;
}
