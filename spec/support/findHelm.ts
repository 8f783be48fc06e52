import { answers } from '../../demo/answers.js';
import { buildWithGo, type GoProgram } from '../../demo/buildWithGo.js';
import { findProgram } from '../../demo/cache.js';
import type { Progress } from '../../demo/makeOnce.js';

const HELM: GoProgram = {
  name: 'helm',
  source: 'helm.sh/helm/v3/cmd/helm',
  /** Its go.mod asks for Go 1.26, as that of the LiveKit server does. */
  version: 'v3.22.0',
};

/**
 * Finds Helm, or builds it with Go into the cache folder (about two minutes, once).
 *
 * @returns path of the executable.
 * @throws Error that says how to get it, where there is no Go.
 */
export async function findHelm(progress: Progress): Promise<string> {
  const found = await findProgram(HELM.name);
  if (found !== undefined) return found;
  if (await answers('go', ['version'])) return buildWithGo(HELM, progress);
  throw new Error(
    'No helm was found. Put it on the PATH (https://helm.sh/docs/intro/install), ' +
      'or install Go (https://go.dev/dl): it is then built from source.',
  );
}
