import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { packageWeights } from '../../bench/packageWeights.js';

describe('packageWeights', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weights-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const put = async (path: string, bytes: number) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), new Uint8Array(bytes));
  };

  it('should count files by package, what is installed below one included, heaviest first', async () => {
    await put('package.json', 1);
    await put('dist/lib/main.js', 2);
    await put('node_modules/rxjs/index.js', 20);
    await put('node_modules/rxjs/dist/cjs/index.js', 20);
    await put('node_modules/@livekit/agents/index.js', 300);
    await put('node_modules/@livekit/agents/node_modules/rxjs/index.js', 4_000);
    await put('node_modules/@livekit/rtc-node/index.js', 10);
    expect(await packageWeights(folder)).to.deep.equal([
      { name: '@livekit/agents', bytes: 4_300 },
      { name: 'rxjs', bytes: 40 },
      { name: '@livekit/rtc-node', bytes: 10 },
      { name: 'dist', bytes: 2 },
      { name: '.', bytes: 1 },
    ]);
  });

  it('should find nothing in an empty folder', async () => {
    expect(await packageWeights(folder)).to.deep.equal([]);
  });
});
