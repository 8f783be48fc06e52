import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createMetrics } from '../../lib/metrics.js';
import { createWorkerMetrics } from '../../lib/metricsWorker.js';
import type { Snapshot } from '../../lib/metricsSnapshot.js';

/** Row of a metric as the table has it: name, type and labels. */
type Row = readonly [name: string, type: string, labels: string];

const code = (text: string) => `\`${text}\``;

const rowOf = ({ name, type, values }: Snapshot[number]): Row => {
  const labels = new Set(values.flatMap((value) => Object.keys(value.labels)));
  // Prometheus' own: every histogram has it.
  labels.delete('le');
  return [code(name), String(type), [...labels].map(code).join(', ')];
};

/** First cells of all rows about metrics. */
const documented = (text: string): readonly Row[] =>
  [...text.matchAll(/^\| (`media_bot_\w+`) +\| (\w+) +\|(.*?)\|/gm)].map(
    ([, name = '', type = '', labels = '']) => [name, type, labels.trim()],
  );

/** Every metric once: the event loop is watched in the worker and in its hosts. */
async function metrics(): Promise<Snapshot> {
  const worker = createWorkerMetrics();
  worker.memory(new Map([['worker', 0]]));
  const snapshots = [await worker.snapshot(), await createMetrics().snapshot()];
  return [...new Map(snapshots.flat().map((metric) => [metric.name, metric])).values()];
}

describe('the metrics in README.md', () => {
  it('should be those of the worker and its hosts, with their types and labels', async () => {
    const table = documented(readFileSync('README.md', 'utf8'));
    expect(table).to.have.deep.members((await metrics()).map(rowOf));
  });

  it("should be named after Prometheus' conventions", async () => {
    for (const { name, type, help } of await metrics()) {
      expect(name).to.match(/^media_bot_[a-z_]+$/);
      expect(name.endsWith('_total'), name).to.equal(String(type) === 'counter');
      if (String(type) === 'histogram') expect(name).to.match(/_seconds$/);
      expect(help, name).to.match(/^[A-Z].*[^.]$/);
    }
  });
});
