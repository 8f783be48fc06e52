import { expect } from 'chai';
import { createMetrics } from '../../lib/metrics.js';
import { metricsText } from '../../lib/metricsSnapshot.js';
import { createWorkerMetrics } from '../../lib/metricsWorker.js';
import { metricsFaults } from '../support/metricsFaults.js';
import { promtoolFaults } from '../support/promtoolFaults.js';

const page = (name: string, type: string, ...samples: readonly string[]) =>
  [`# HELP ${name} Something`, `# TYPE ${name} ${type}`, ...samples, ''].join('\n');

/** A histogram of one second, with what may be wrong with it. */
const histogram = ({ inf = 2, count = 2, sum = 'a_seconds_sum 1' } = {}) =>
  page(
    'a_seconds',
    'histogram',
    'a_seconds_bucket{le="1"} 1',
    `a_seconds_bucket{le="+Inf"} ${inf}`,
    sum,
    `a_seconds_count ${count}`,
  );

describe('the page of metrics', () => {
  it("should be in order by Prometheus' conventions, before anything has happened", async () => {
    const hosts = [createMetrics(), createMetrics()].map((metrics) => metrics.snapshot());
    const snapshots = await Promise.all([createWorkerMetrics().snapshot(), ...hosts]);
    // Nothing is known of anybody's memory yet.
    const fresh = snapshots.map((all) =>
      all.filter(({ name }) => name !== 'media_bot_memory_bytes'),
    );
    const text = await metricsText(fresh);
    expect(metricsFaults(text)).to.deep.equal([]);
    expect(await promtoolFaults('metrics', text)).to.deep.equal([]);
  });
});

describe('metricsFaults', () => {
  it('should find nothing wrong with what is in order', () => {
    expect(metricsFaults(page('a_total', 'counter', 'a_total{x="1"} 1', 'a_total{x="2"} 1'))).to.be
      .empty;
    expect(metricsFaults(page('a_bytes', 'gauge', 'a_bytes 1.5e+7'))).to.be.empty;
    expect(metricsFaults(histogram())).to.be.empty;
  });

  const faults: Readonly<Record<string, string>> = {
    'has no help text': '# TYPE a gauge\na 1\n',
    'has no series': page('a', 'gauge'),
    'is not in snake_case': page('aB', 'gauge', 'aB 1'),
    'ends in _total and is no counter, or is one and does not': page('a', 'counter', 'a 1'),
    'has its type in its name': page('a_gauge', 'gauge', 'a_gauge 1'),
    'ends like a part of a histogram': page('a_count', 'gauge', 'a_count 1'),
    'abbreviates its unit': page('a_ms', 'gauge', 'a_ms 1'),
    'is not in a base unit': page('a_milliseconds', 'gauge', 'a_milliseconds 1'),
    'has a label le': page('a', 'gauge', 'a{le="1"} 1'),
    'has a series twice': page('a', 'gauge', 'a{x="1"} 1', 'a{x="1"} 2'),
    'has no last bucket +Inf': page('a', 'histogram', 'a_bucket{le="1"} 1', 'a_sum 1', 'a_count 1'),
    'has fewer in a wider bucket': histogram({ inf: 0, count: 0 }),
    'has no sum': histogram({ sum: '' }),
    'has a count that is not that of bucket +Inf': histogram({ count: 1 }),
  };
  for (const [fault, text] of Object.entries(faults)) {
    it(`should find what ${fault}`, () => {
      expect(metricsFaults(text)).to.have.length(1);
      expect(metricsFaults(text)[0]).to.match(/^\w+ /).and.include(fault);
    });
  }

  it('should refuse what is no sample', () => {
    expect(() => metricsFaults('a{x=1} 1')).to.throw('no sample: a{x=1} 1');
    expect(() => metricsFaults('a one')).to.throw('no sample: a one');
  });
});
