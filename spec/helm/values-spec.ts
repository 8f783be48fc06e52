import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { CHART } from '../support/helm.js';

const README = readFileSync(`${CHART}/README.md`, 'utf8');
const values: unknown = parse(readFileSync(`${CHART}/values.yaml`, 'utf8'));

/** Path and value of everything that can be set by itself. */
const leaves = (value: unknown, path = ''): readonly (readonly [string, unknown])[] => {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap || Object.keys(value).length === 0) return [[path, value]];
  return Object.entries(value).flatMap(([key, child]) =>
    leaves(child, path === '' ? key : `${path}.${key}`),
  );
};

const defaults = leaves(values);
const rows = [...README.matchAll(/^\| `([^`]+)` +\| (.+?) +\|/gm)].map(
  ([, path = '', value = '']) => [path, value] as const,
);

describe('the README of the chart', () => {
  it('should name every value, in their order', () => {
    expect(rows.map(([path]) => path)).to.deep.equal(defaults.map(([path]) => path));
  });

  it('should tell the defaults', () => {
    const lists = defaults.filter(([, value]) => Array.isArray(value) && value.length > 0);
    expect(lists.map(([path]) => path)).to.deep.equal(['networkPolicy.livekitPorts']);
    const told = new Map(rows);
    for (const [path, value] of defaults.filter((leaf) => !lists.includes(leaf))) {
      const code = /^`(.*)`$/.exec(told.get(path) ?? '')?.[1];
      expect(parse(code ?? ''), path).to.deep.equal(value);
    }
  });

  it("should tell LiveKit's ports", () => {
    const { networkPolicy } = values as {
      networkPolicy: { livekitPorts: readonly Record<string, unknown>[] };
    };
    const row = README.split('\n').find((line) => line.includes('livekitPorts'))!;
    const ports = networkPolicy.livekitPorts.flatMap((port) => Object.values(port));
    const numbers = ports.filter((part) => typeof part === 'number').map(String);
    expect(numbers).to.have.length(5);
    expect(row.match(/\d{4,5}/g)).to.have.members(numbers);
  });
});
