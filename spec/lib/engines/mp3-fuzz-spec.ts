import { expect } from 'chai';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FuzzReport } from './mp3-fuzz-child.js';

const CHILD = fileURLToPath(new URL('./mp3-fuzz-child.ts', import.meta.url));

const MUTATIONS = 1_000;
/** The slowest of 20,000 took below 0.1 s; the first one waits for the process to start. */
const DEADLINE_MS = 60_000;

describe('openMp3Decoder, given 1,000 mutated files', function () {
  this.timeout(400_000);
  const reports: FuzzReport[] = [];

  before('decode them where a hanging decoder can be ended', async () => {
    const child = fork(CHILD, { execArgv: ['--import', 'tsx'] });
    try {
      for (let seed = 1; seed <= MUTATIONS; seed++) {
        child.send(seed);
        const signal = AbortSignal.timeout(DEADLINE_MS);
        const [report] = (await once(child, 'message', { signal }).catch((cause: unknown) => {
          throw new Error(`no answer for seed ${seed}`, { cause });
        })) as [FuzzReport];
        reports.push(report);
      }
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('should play or refuse each of them', () => {
    expect(reports).to.have.length(MUTATIONS);
    expect(reports.filter(({ outcome }) => outcome === 'crashed')).to.deep.equal([]);
  });

  it('should see plenty of both', () => {
    const count = (outcome: string) => reports.filter((each) => each.outcome === outcome).length;
    expect(count('played')).to.be.above(MUTATIONS / 4);
    expect(count('refused')).to.be.above(MUTATIONS / 10);
  });

  it('should never make the decoder write to the console', () => {
    expect(reports.at(-1)?.complaints).to.equal(0);
  });
});
