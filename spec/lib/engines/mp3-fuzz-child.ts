import { mock } from 'node:test';
import { MediaError } from '../../../operators/mediaError.js';
import { openDecoder, readMp3 } from '../../support/mp3Files.js';
import { seededRandom } from '../../support/seededRandom.js';

/** What became of one mutated file. */
export interface FuzzReport {
  readonly seed: number;
  readonly outcome: 'played' | 'refused' | 'crashed';
  readonly detail: string;
  /** How often the decoder wrote to the console. */
  readonly complaints: number;
}

type Random = (below: number) => number;

const PIECE_BYTES = 16 * 1024;
const files = [
  'stereo44k-cbr128',
  'stereo44k-vbr2',
  'stereo44k-notag',
  'mono48k-cbr64',
  'mono24k-cbr160',
  'mono22k-cbr32',
  'mono8k-vbr4',
  'layer2',
  'freeformat400',
  'aac',
].map(readMp3);

const cut = (bytes: Buffer, random: Random) => {
  const [from, to] = [random(bytes.length), random(bytes.length)].sort((a, b) => a - b);
  return [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)] as const;
};

const mutations: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  function flipBits(bytes, random) {
    const damaged = Buffer.from(bytes);
    for (let i = 4 ** random(7); i > 0; i--) damaged[random(bytes.length)]! ^= 1 << random(8);
    return damaged;
  },
  function dropMiddle(bytes, random) {
    const [head, , tail] = cut(bytes, random);
    return Buffer.concat([head, tail]);
  },
  function swapParts(bytes, random) {
    const [head, middle, tail] = cut(bytes, random);
    return Buffer.concat([tail, middle, head]);
  },
  function repeatMiddle(bytes, random) {
    const [head, middle, tail] = cut(bytes, random);
    return Buffer.concat([head, middle, middle, tail]);
  },
  function insertNoise(bytes, random) {
    const [head, middle, tail] = cut(bytes, random);
    const noise = Buffer.from(Array.from({ length: random(20_000) }, () => random(256)));
    return Buffer.concat([head, noise, middle, tail]);
  },
  function insertHeaders(bytes, random) {
    const [head, middle, tail] = cut(bytes, random);
    const headers = Buffer.alloc(random(5_000), Buffer.of(0xff, 0xe2 | random(32), random(256)));
    return Buffer.concat([head, headers, middle, tail]);
  },
  function joinAnother(bytes, random) {
    return Buffer.concat([cut(bytes, random)[0], files[random(files.length)]!]);
  },
];

function mutate(seed: number): Buffer {
  const random = seededRandom(seed);
  const below: Random = (limit) => Math.floor(random() * limit);
  let bytes = files[below(files.length)]!;
  for (let i = 1 + below(3); i > 0 && bytes.length > 0; i--) {
    bytes = mutations[below(mutations.length)]!(bytes, below).subarray(0, 200_000);
  }
  return bytes;
}

async function decode(bytes: Buffer): Promise<number> {
  const decoder = await openDecoder();
  try {
    let samples = 0;
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      const frames = decoder.decode(bytes.subarray(start, start + PIECE_BYTES));
      samples += frames.reduce((sum, frame) => sum + frame.samples.length, 0);
    }
    decoder.flush();
    return samples;
  } finally {
    decoder.close();
  }
}

async function judge(seed: number): Promise<Omit<FuzzReport, 'complaints'>> {
  try {
    const samples = await decode(mutate(seed));
    return { seed, outcome: samples > 0 ? 'played' : 'crashed', detail: `${samples} samples` };
  } catch (error) {
    const refused = error instanceof MediaError && error.code === 'asset_undecodable';
    return { seed, outcome: refused ? 'refused' : 'crashed', detail: String(error) };
  }
}

const complain = mock.method(console, 'error', () => undefined);

process.on('message', (seed: number) => {
  void judge(seed).then((report) =>
    process.send?.({ ...report, complaints: complain.mock.callCount() }),
  );
});
