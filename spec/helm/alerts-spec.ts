import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { createMetrics } from '../../lib/metrics.js';
import type { Snapshot } from '../../lib/metricsSnapshot.js';
import { createWorkerMetrics } from '../../lib/metricsWorker.js';
import { only } from '../support/manifests.js';
import { promtoolFaults } from '../support/promtoolFaults.js';
import { useHelm } from '../support/useHelm.js';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook_url: string;
  };
}
interface PrometheusRule {
  readonly spec: { readonly groups: readonly [{ readonly rules: readonly Alert[] }] };
}
type Metric = Snapshot[number];

/** Those that Prometheus adds on its way. */
const ADDED = ['namespace', 'pod'];

const captures = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, capture = '']) => capture);
const list = (text: string) => text.split(',').map((item) => item.trim());

const labelsOf = ({ values }: Metric) => [
  ...new Set(values.flatMap(({ labels }) => Object.keys(labels))),
];

describe('the alerts of the chart', () => {
  const helm = useHelm();
  const URL = 'https://git.example.com/docs/operations.md';
  let alerts: readonly Alert[];
  let metrics: ReadonlyMap<string, Metric>;

  before(async () => {
    const values = `prometheusRule: { enabled: true, runbookUrl: '${URL}' }`;
    alerts = (only('PrometheusRule', helm.render(values)) as PrometheusRule).spec.groups[0].rules;
    const snapshots = [await createWorkerMetrics().snapshot(), await createMetrics().snapshot()];
    metrics = new Map(snapshots.flat().map((metric) => [metric.name, metric]));
  });

  /** The metric that a name in an expression is of; a histogram has several names. */
  const metricOf = (name: string): Metric => {
    const metric = metrics.get(name) ?? metrics.get(name.replace(/_bucket$/, ''));
    if (metric === undefined) throw new Error(`${name} is no metric of the bot`);
    return metric;
  };
  /** Name and label matchers of each series that an expression asks for. */
  const series = ({ expr }: Alert) =>
    [...expr.matchAll(/(media_bot_\w+)\{([^}]*)\}/g)].map(
      ([, name = '', matchers = '']) => [metricOf(name), matchers] as const,
    );

  it('should be those that docs/operations.md has sections for', () => {
    const sections = captures(readFileSync('docs/operations.md', 'utf8'), /^### (MediaBot\w+)$/gm);
    expect(alerts.map(({ alert }) => alert)).to.have.members(sections);
    for (const { alert, annotations } of alerts) {
      expect(annotations.runbook_url).to.equal(`${URL}#${alert.toLowerCase()}`);
    }
  });

  it('should say in words what is wrong, and how badly', () => {
    for (const { labels, annotations } of alerts) {
      expect(labels.severity).to.be.oneOf(['critical', 'warning']);
      expect(annotations.summary).to.match(/^[A-Z].*[^.]$/);
      expect(annotations.description).to.match(/\.$/);
    }
  });

  it('should ask for metrics that there are, of this namespace, by labels that they have', async () => {
    for (const alert of alerts) {
      const found = series(alert);
      expect(found.length, alert.alert).to.equal(alert.expr.match(/media_bot_/g)?.length);
      for (const [metric, matchers] of found) {
        expect(matchers).to.match(/^namespace="livekit"(,|$)/);
        const asked = captures(matchers, /(\w+)=~?"/g);
        expect([...labelsOf(metric), ...ADDED], metric.name).to.include.members(asked);
      }
    }
    const rules = stringify({ groups: [{ name: 'media-bot', rules: alerts }] });
    expect(await promtoolFaults('rules', rules)).to.deep.equal([]);
  });

  it('should ask for values of labels that there are from the start', () => {
    for (const [metric, matchers] of alerts.flatMap(series)) {
      for (const [, label = '', text = ''] of matchers.matchAll(/(\w+)=~?"([^"]*)"/g)) {
        // Asked for by a pattern.
        if (ADDED.includes(label) || label === 'outcome') continue;
        const known = metric.values.map(({ labels }) => labels[label]);
        expect(known, metric.name).to.include.members(text.split('|'));
      }
    }
  });

  it('should group by labels that the metrics have, and show no others', () => {
    for (const alert of alerts) {
      const known = [...series(alert).flatMap(([metric]) => labelsOf(metric)), ...ADDED];
      const groups = captures(alert.expr, /by \(([^)]*)\)/g).flatMap(list);
      expect([...known, 'le'], alert.alert).to.include.members(groups);
      const shown = captures(alert.annotations.description, /\$labels\.(\w+)/g);
      expect(groups.length > 0 ? groups : known, alert.alert).to.include.members(shown);
    }
  });

  it('should be told by the threshold that is set', () => {
    const values =
      'prometheusRule: { enabled: true }\nsettings: { MEDIA_BOT_LOAD_THRESHOLD: "0.5" }';
    const { spec } = only('PrometheusRule', helm.render(values)) as PrometheusRule;
    const full = spec.groups[0].rules.find(({ alert }) => alert === 'MediaBotNearlyFull')!;
    expect(full.expr).to.match(/> 0\.45$/);
    expect(full.annotations.description).to.include('above 50%');
  });
});
