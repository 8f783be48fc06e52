import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { toneMp3, type ToneSegment } from '../toneMp3.js';

/** The European tone, and its cadences within the ranges that ITU-T E.180 recommends. */
const TONE_HZ = 425;
const RINGBACK: readonly ToneSegment[] = [
  { hz: TONE_HZ, ms: 1_000 },
  { hz: 0, ms: 4_000 },
];
const BUSY: readonly ToneSegment[] = [
  { hz: TONE_HZ, ms: 500 },
  { hz: 0, ms: 500 },
];

const tones = {
  'ringback.mp3': [...RINGBACK, ...RINGBACK],
  'busy.mp3': [...BUSY, ...BUSY, ...BUSY, ...BUSY],
};
for (const [name, segments] of Object.entries(tones)) {
  const mp3 = await toneMp3(segments, { sampleRate: 16_000, bitrate: 32, amplitude: 0.3 });
  await writeFile(fileURLToPath(new URL(name, import.meta.url)), mp3);
}
