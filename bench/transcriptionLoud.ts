/** -45 dBFS: under every sound of a phrase but its last breath, over what Opus makes of silence. */
const LOUD = 184;

/** Whether a frame of a voice is more than breath: what the floor of `transcriptLatency` hears. */
export function isLoud(samples: Int16Array): boolean {
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
  return energy > LOUD * LOUD * samples.length;
}

/**
 * Where the last loud 10 ms of a recording end, in milliseconds; 0 where it has none.
 *
 * @param sampleRate divisible by 100.
 */
export function loudEndMs(samples: Int16Array, sampleRate: number): number {
  const size = sampleRate / 100;
  for (let end = samples.length - (samples.length % size); end > 0; end -= size) {
    if (isLoud(samples.subarray(end - size, end))) return (1_000 * end) / sampleRate;
  }
  return 0;
}
