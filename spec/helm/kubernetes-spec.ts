import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { parse, stringify } from 'yaml';
import { findKubernetesValidate } from '../support/findKubernetesValidate.js';
import { CHART } from '../support/helm.js';
import { HELM_SCENARIOS } from '../support/helmScenarios.js';
import { type Manifest, manifests } from '../support/manifests.js';
import { useHelm } from '../support/useHelm.js';

/** The oldest that Chart.yaml allows, one between, the newest that kubernetes-validate knows. */
const VERSIONS = ['1.27', '1.32', '1.37'];
const INSTALL_TIMEOUT_MS = 300_000;
const OPERATOR = 'monitoring.coreos.com/';
const DEFINITIONS = 'spec/fixtures/helm/crds';

type Schema = Readonly<Record<string, unknown>>;

/** A definition of a custom resource, as far as it is looked at. */
interface Definition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly [{ readonly schema: { readonly openAPIV3Schema: Schema } }];
  };
}

/** The schema, with every property refused that it does not know: the API server would drop them. */
const strict = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, strict(value)]),
  );
  return 'properties' in copy ? { additionalProperties: false, ...copy } : copy;
};

describe('the manifests of the chart', function () {
  this.timeout(60_000);
  const helm = useHelm();
  let validator: readonly [string, ...string[]];
  let folder: string;

  before(async function () {
    this.timeout(INSTALL_TIMEOUT_MS);
    validator = await findKubernetesValidate((line) => process.stderr.write(`${line}\n`));
    folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const rendered = () =>
    HELM_SCENARIOS.map(({ name, values }) => [name, manifests(helm.render(values))] as const);

  /** What kubernetes-validate says of objects of Kubernetes' own, each in a file of its own. */
  const validate = (objects: Readonly<Record<string, Manifest>>, version: string) => {
    const files = Object.entries(objects).map(([name, manifest]) => {
      const file = join(folder, `${name}.yaml`);
      writeFileSync(file, stringify(manifest));
      return file;
    });
    const [command, ...args] = validator;
    const options = ['--strict', '--quiet', '--kubernetes-version', version];
    const { status, stdout, stderr } = spawnSync(command, [...args, ...options, ...files], {
      encoding: 'utf8',
    });
    return { status, text: stdout + stderr };
  };

  for (const version of VERSIONS) {
    it(`should be in order to Kubernetes ${version}`, () => {
      const objects = rendered().flatMap(([name, all]) =>
        all
          .filter(({ apiVersion }) => !apiVersion.startsWith(OPERATOR))
          .map((manifest) => [`${name}-${manifest.kind}`, manifest] as const),
      );
      expect(objects.length).to.be.greaterThan(10);
      expect(validate(Object.fromEntries(objects), version)).to.deep.equal({ status: 0, text: '' });
    });
  }

  it('should not be in order with a property that does not exist', () => {
    const [, objects] = rendered()[0]!;
    const account = objects.find(({ kind }) => kind === 'ServiceAccount')!;
    const { status, text } = validate({ wrong: { ...account, nonsense: 1 } as Manifest }, '1.37');
    expect(status).to.equal(1);
    expect(text).to.include('nonsense');
  });

  for (const [file, kind] of [
    ['podmonitors.yaml', 'PodMonitor'],
    ['prometheusrules.yaml', 'PrometheusRule'],
  ] as const) {
    it(`should be in order to the Prometheus operator: ${kind}`, () => {
      // Go's way to ask for any case, which JavaScript does not know.
      const text = readFileSync(join(DEFINITIONS, file), 'utf8').replaceAll('(?i)', '');
      const definition = parse(text) as Definition;
      expect(definition.spec.names.kind).to.equal(kind);
      const ajv = new Ajv({ strict: false, validateFormats: false });
      const isValid = ajv.compile(
        strict(definition.spec.versions[0].schema.openAPIV3Schema) as Schema,
      );
      const found = rendered().flatMap(([, all]) => all.filter((object) => object.kind === kind));
      expect(found).to.have.length(1);
      expect(isValid({ ...found[0], metadata: {} }), ajv.errorsText(isValid.errors)).to.equal(true);
      expect(isValid({ ...found[0], metadata: {}, nonsense: 1 })).to.equal(false);
    });
  }

  it('should be refused to a Kubernetes that is too old', () => {
    const args = ['template', 'bot', CHART, '--kube-version', '1.26.9'];
    expect(helm.run(args).stderr).to.include('requires kubeVersion: >=1.27.0-0');
  });
});
