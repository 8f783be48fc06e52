import { expect } from 'chai';
import { from, lastValueFrom, map, toArray } from 'rxjs';
import { createMetrics } from '../../lib/metrics.js';
import { metricsText, countTogether, type Snapshot } from '../../lib/metricsSnapshot.js';

/** What a process has told after so many repairs, with its last circuit. */
async function told(repairs: number, circuit: 'closed' | 'open' = 'closed'): Promise<Snapshot> {
  const metrics = createMetrics();
  for (let i = 0; i < repairs; i += 1) metrics.isolation.repaired();
  for (let i = 0; i < repairs; i += 1) metrics.isolation.isolated(100);
  metrics.transcription.circuit('groq', circuit);
  metrics.assets.cached('memory', 10);
  // As it arrives from another process.
  return JSON.parse(JSON.stringify(await metrics.snapshot())) as Snapshot;
}

const REPAIRS = 'media_bot_isolation_repairs_total';
const IN_TIME = 'media_bot_isolation_seconds_bucket{le="0.1"}';
const CIRCUIT = 'media_bot_stt_circuit{provider="groq"}';
const CACHE = 'media_bot_asset_cache_bytes{tier="memory"}';

/** The value of a sample in several snapshots together. */
async function total(snapshots: readonly Snapshot[], sample: string): Promise<number | undefined> {
  const text = await metricsText(snapshots);
  const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length));
}

describe('metricsText', () => {
  it('should add counters, buckets and sizes up, and take the highest circuit', async () => {
    const both = [await told(2, 'open'), await told(3)];
    expect(await total(both, REPAIRS)).to.equal(5);
    expect(await total(both, IN_TIME)).to.equal(5);
    expect(await total(both, CACHE)).to.equal(20);
    expect(await total(both, CIRCUIT)).to.equal(1);
  });

  it('should explain each metric once', async () => {
    const text = await metricsText([await told(1), [], await told(1)]);
    expect(text.match(new RegExp(`# TYPE ${REPAIRS} counter`, 'g'))).to.have.length(1);
    expect(text.match(new RegExp(`# HELP ${REPAIRS} .`, 'g'))).to.have.length(1);
  });

  it('should be empty without a snapshot', async () => {
    expect((await metricsText([])).trim()).to.equal('');
  });
});

describe('countTogether', () => {
  type Event = readonly [host: number, event: Snapshot | 'gone'];
  const together = (...events: readonly Event[]) =>
    lastValueFrom(
      from(events).pipe(
        map(([host, event]) =>
          event === 'gone'
            ? ({ type: 'gone', host } as const)
            : ({ type: 'counted', host, snapshot: event } as const),
        ),
        countTogether(),
        toArray(),
      ),
      { defaultValue: [] },
    );

  it('should show the newest snapshot of each process, not their sum', async () => {
    const results = await together([1, await told(1)], [1, await told(3)], [2, await told(4)]);
    expect(results).to.have.length(3);
    expect(await total(results[1]!, REPAIRS)).to.equal(3);
    expect(await total(results[2]!, REPAIRS)).to.equal(7);
  });

  it('should keep what processes had counted that are gone', async () => {
    const results = await together(
      [1, await told(1)],
      [2, await told(10)],
      [1, 'gone'],
      [3, await told(2)],
      [3, 'gone'],
      [2, 'gone'],
      [4, await told(4)],
    );
    const totals = await Promise.all(results.map((snapshots) => total(snapshots, REPAIRS)));
    expect(totals).to.deep.equal([1, 11, 11, 13, 13, 13, 17]);
    expect(await total(results[6]!, IN_TIME)).to.equal(17);
  });

  it('should forget the state of a process that is gone', async () => {
    const results = await together([1, await told(1, 'open')], [1, 'gone'], [2, await told(1)]);
    expect(await total(results[1]!, CIRCUIT)).to.equal(undefined);
    expect(await total(results[1]!, CACHE)).to.equal(undefined);
    expect(await total(results[2]!, CIRCUIT)).to.equal(0);
    expect(await total(results[2]!, CACHE)).to.equal(10);
  });

  it('should take a process that is gone before it has told anything', async () => {
    const results = await together([1, 'gone'], [2, 'gone'], [3, await told(2)]);
    expect(await total(results[2]!, REPAIRS)).to.equal(2);
  });
});
