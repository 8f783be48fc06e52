import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findHelm } from './findHelm.js';
import { createHelm } from './helm.js';
import { HELM_SCENARIOS } from './helmScenarios.js';

// Writes down what the chart makes of each scenario, to be read in the diff: npm run helm:snapshots

const program = await findHelm((line) => process.stderr.write(`${line}\n`));
const helm = createHelm(() => program);
for (const { values, snapshot } of HELM_SCENARIOS) {
  mkdirSync(dirname(snapshot), { recursive: true });
  writeFileSync(snapshot, helm.render(values));
}
