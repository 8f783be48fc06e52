/** What is 40 dB below the loudest 10 ms is no speech. */
const SILENCE = 0.01;
const WINDOW_MS = 10;
/** What is kept around the speech. */
const MARGIN_MS = 100;
/** RMS of the speech: -24 dBFS, as loud as somebody at a telephone, and far from clipping. */
const LOUDNESS = 2_048;

/** Speech, and where it begins and ends in its samples. */
export interface Trimmed {
  readonly samples: Int16Array;
  readonly startMs: number;
  readonly endMs: number;
}

/** Cuts a recording to its speech with 100 ms around it, and brings it to -24 dBFS RMS. */
export function trimmed(recording: Int16Array, sampleRate: number): Trimmed {
  const perMs = sampleRate / 1_000;
  const levels = windowLevels(recording, WINDOW_MS * perMs);
  const silence = Math.max(...levels) * SILENCE;
  const from = levels.findIndex((level) => level > silence) * WINDOW_MS;
  const to = (levels.findLastIndex((level) => level > silence) + 1) * WINDOW_MS;
  const [loudness] = windowLevels(recording.subarray(from * perMs), (to - from) * perMs);
  const samples = Int16Array.from(
    { length: (to - from + 2 * MARGIN_MS) * perMs },
    (_, n) => ((recording[n + (from - MARGIN_MS) * perMs] ?? 0) * LOUDNESS) / loudness!,
  );
  return { samples, startMs: MARGIN_MS, endMs: MARGIN_MS + to - from };
}

/** RMS of every whole window. */
function windowLevels(samples: Int16Array, size: number): number[] {
  return Array.from({ length: Math.floor(samples.length / size) }, (_, window) => {
    let energy = 0;
    for (const sample of samples.subarray(window * size, (window + 1) * size))
      energy += sample ** 2;
    return Math.sqrt(energy / size);
  });
}
