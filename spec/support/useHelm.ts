import { findHelm } from './findHelm.js';
import { createHelm, type Helm } from './helm.js';

/** Long enough to build Helm from source, where nobody has done so before. */
const BUILD_TIMEOUT_MS = 600_000;

/** Finds Helm for the specs of the enclosing `describe`; use the result in them. */
export function useHelm(): Helm {
  let program: string | undefined;
  before(async function () {
    this.timeout(BUILD_TIMEOUT_MS);
    program = await findHelm((line) => process.stderr.write(`${line}\n`));
  });
  return createHelm(() => program!);
}
