/** What a page says of one metric. */
interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}
interface Sample {
  /** With `_bucket`, `_sum` or `_count` where it is one of a histogram's. */
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}
/** Says what is wrong, if this rule finds anything. */
type Rule = (family: Family) => string | false;

const SAMPLE = /^(\w+)(?:\{((?:\w+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)$/;
const PARTS = /_(bucket|sum|count)$/;
const TYPE_IN_NAME = /(^|_)(counter|gauge|histogram|summary)(_|$)/;
const SHORT_UNIT = /(^|_)(s|ms|us|ns|sec|min|h|b|kb|mb|gb|kib|mib|gib)(_|$)/;
const OTHER_UNIT =
  /(^|_)(milliseconds|microseconds|nanoseconds|minutes|hours|days|bits|kilobytes|megabytes|gigabytes|percent)(_|$)/;

/** Labels of a series in alphabetical order, without the bound of a bucket. */
const withoutLe = (labels: string) =>
  [...labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)]
    .flatMap(([label, name]) => (name === 'le' ? [] : [label]))
    .toSorted()
    .join();

/** What is wrong with the buckets of one series. */
function brokenBuckets({ name, samples }: Family, labels: string): string | false {
  const own = samples.filter((sample) => withoutLe(sample.labels) === labels);
  const counts = own.filter((sample) => sample.name === `${name}_bucket`);
  const valueOf = (part: string) => own.find((sample) => sample.name === `${name}_${part}`)?.value;
  const values = counts.map(({ value }) => value);
  if (!counts.at(-1)?.labels.includes('le="+Inf"')) return 'has no last bucket +Inf';
  if (values.some((value, i) => value < (values[i - 1] ?? 0))) return 'has fewer in a wider bucket';
  return (
    (valueOf('sum') === undefined && 'has no sum') ||
    (valueOf('count') !== values.at(-1) && 'has a count that is not that of bucket +Inf')
  );
}

const RULES: readonly Rule[] = [
  ({ help }) => help.trim() === '' && 'has no help text',
  ({ samples }) => samples.length === 0 && 'has no series',
  ({ name }) => !/^[a-z][a-z0-9_]*$/.test(name) && 'is not in snake_case',
  ({ name, type }) =>
    (type === 'counter') !== name.endsWith('_total') &&
    'ends in _total and is no counter, or is one and does not',
  ({ name }) => TYPE_IN_NAME.test(name) && 'has its type in its name',
  ({ name }) => PARTS.test(name) && 'ends like a part of a histogram',
  ({ name }) => SHORT_UNIT.test(name) && 'abbreviates its unit',
  ({ name }) => OTHER_UNIT.test(name) && 'is not in a base unit',
  ({ type, samples }) =>
    type !== 'histogram' && samples.some(({ labels }) => /\ble="/.test(labels)) && 'has a label le',
  ({ samples }) =>
    new Set(samples.map(({ name, labels }) => `${name}{${labels}}`)).size < samples.length &&
    'has a series twice',
  (family) =>
    family.type === 'histogram' &&
    (family.samples
      .map(({ labels }) => brokenBuckets(family, withoutLe(labels)))
      .find((fault) => fault !== false) ??
      false),
];

/** The metrics of a page; throws an Error at a line that is none of the text format. */
function parse(page: string): readonly Family[] {
  const families = new Map<string, Family>();
  const change = (name: string, more: (known: Family) => Partial<Family>) => {
    const known = families.get(name) ?? { name, type: '', help: '', samples: [] };
    families.set(name, { ...known, ...more(known) });
  };
  for (const line of page.split('\n').filter((each) => each !== '')) {
    const [, kind, about = '', text = ''] = /^# (HELP|TYPE) (\w+) ?(.*)$/.exec(line) ?? [];
    const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (kind === 'HELP') change(about, () => ({ help: text }));
    else if (kind === 'TYPE') change(about, () => ({ type: text }));
    else if (name === '' || Number.isNaN(Number(value))) throw new Error(`no sample: ${line}`);
    else {
      const whole = name.replace(PARTS, '');
      const family = families.get(whole)?.type === 'histogram' ? whole : name;
      const sample = { name, labels, value: Number(value) };
      change(family, ({ samples }) => ({ samples: [...samples, sample] }));
    }
  }
  return [...families.values()];
}

/**
 * What is wrong with a page of metrics by the conventions of Prometheus: the rules of
 * `promtool check metrics`, and that histograms are whole. One line for each fault.
 *
 * @throws Error at a line that is not of the text format.
 * @see https://prometheus.io/docs/practices/naming/
 */
export function metricsFaults(page: string): readonly string[] {
  return parse(page).flatMap((family) =>
    RULES.map((rule) => rule(family))
      .filter((fault) => fault !== false)
      .map((fault) => `${family.name} ${fault}`),
  );
}
