/** Full scale of 16-bit audio. */
const FULL_SCALE = 32_768;
/** A tone below this is not heard; Opus leaves less than -80 dBFS of what was silence. */
const AUDIBLE_DBFS = -50;
/** A tone is recognised when it alone makes up this share of all the energy in the window. */
const RECOGNISED_SHARE = 0.5;

/** The tone that outweighs everything else in a stretch of audio. */
export interface RecognizedTone {
  readonly hz: number;
  /** Its own level in dBFS RMS: a sine of full scale has -3. */
  readonly dbfs: number;
}

/** Level of a stretch of audio in dBFS RMS: a sine of full scale has -3, digital silence -Infinity. */
export function levelDbfs(samples: Int16Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return 10 * Math.log10(energy / samples.length / FULL_SCALE ** 2);
}

/**
 * Level of one tone within a stretch of audio, in dBFS RMS, by the Goertzel algorithm under a Hann
 * window: over 20 ms it hears 100 Hz to either side, so tones to be told apart need 150 Hz between.
 */
export function toneDbfs(samples: Int16Array, hz: number, sampleRate = 48_000): number {
  const size = samples.length;
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / sampleRate);
  let [last, beforeLast] = [0, 0];
  for (let index = 0; index < size; index += 1) {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / size);
    const next = (samples[index]! / FULL_SCALE) * hann + coefficient * last - beforeLast;
    [beforeLast, last] = [last, next];
  }
  const power = last ** 2 + beforeLast ** 2 - coefficient * last * beforeLast;
  // The window halves the amplitude and a real tone has half of its own here: A²/2 = 8 |X|²/N².
  return 10 * Math.log10((8 * Math.max(power, 0)) / size ** 2);
}

/** Whether a tone is audible and makes up at least this share (0 to 1) of the energy. */
export function carriesTone(samples: Int16Array, hz: number, share = RECOGNISED_SHARE): boolean {
  const tone = toneDbfs(samples, hz);
  return tone > AUDIBLE_DBFS && tone - levelDbfs(samples) > 10 * Math.log10(share);
}

/** The tone, out of those known, that makes up most of the energy, if any does. 48 kHz mono. */
export function recognizeTone(
  samples: Int16Array,
  knownHz: readonly number[],
): RecognizedTone | undefined {
  return knownHz
    .filter((hz) => carriesTone(samples, hz))
    .map((hz) => ({ hz, dbfs: toneDbfs(samples, hz) }))
    .reduce<RecognizedTone | undefined>(
      (best, tone) => (best === undefined || tone.dbfs > best.dbfs ? tone : best),
      undefined,
    );
}
