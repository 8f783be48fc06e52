import { startLiveKitServer } from '../demo/livekitServer.js';
import { startImage } from '../spec/support/imageProcess.js';
import { type ReplayedImage, replayDockerfile } from '../spec/support/replayDockerfile.js';
import { conditions } from './conditions.js';
import { packageWeights, type Weight } from './packageWeights.js';
import { percentile } from './percentile.js';
import { table } from './table.js';

/*
 * What the image adds to its base, its heaviest parts, and how long the worker takes from its
 * start to the first 200 of /readyz, asked every 50 ms. The image is what a replay of the
 * Dockerfile makes, so no Docker engine is needed, and what is measured is this machine's Node.
 *
 *     npm run image:size
 */
const HEAVIEST = 15;
const STARTS = 5;

const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
const row = ({ name, bytes }: Weight) => ({ part: name, MiB: mebibytes(bytes) });

console.log(conditions());
const image = await replayDockerfile('.');
try {
  const weights = await packageWeights(image.workdir);
  const total = weights.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(
    table([{ name: 'everything', bytes: total }, ...weights.slice(0, HEAVIEST)].map(row)),
  );
  const starts = await secondsToReady(image);
  const [first, last] = [percentile(starts, 0.01), percentile(starts, 1)];
  console.log(`ready after ${percentile(starts, 0.5).toFixed(2)} s`);
  console.log(`(median of ${STARTS}, ${first.toFixed(2)} to ${last.toFixed(2)} s)`);
} finally {
  await image.remove();
}

async function secondsToReady(started: ReplayedImage): Promise<readonly number[]> {
  const server = await startLiveKitServer();
  const seconds: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const from = performance.now();
    const bot = await startImage(server, started);
    seconds.push((performance.now() - from) / 1_000);
    await bot.stop();
  }
  await server.stop();
  return seconds;
}
