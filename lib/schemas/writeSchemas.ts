import { writeFileSync } from 'node:fs';
import { schemas } from './schemas.js';

// The last step of the build: the contract as JSON Schemas, each a file beside this one.

for (const [name, schema] of Object.entries(schemas)) {
  writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
