import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = 'spec/fixtures/helm';

/** Values for the chart, and what it makes of them. */
export interface HelmScenario {
  readonly name: string;
  readonly values: string;
  /** Where the rendered manifests are kept. */
  readonly snapshot: string;
}

/** All scenarios of the fixtures. */
export const HELM_SCENARIOS: readonly HelmScenario[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => ({
    name: file.replace('.yaml', ''),
    values: readFileSync(`${FOLDER}/${file}`, 'utf8'),
    snapshot: `${FOLDER}/rendered/${file}`,
  }));
