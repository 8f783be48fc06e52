import { parseAllDocuments } from 'yaml';

/** An object of Kubernetes, as far as specs look at any. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The objects of a rendered chart. */
export function manifests(rendered: string): readonly Manifest[] {
  return parseAllDocuments(rendered)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** The only object of a kind, of a type that the caller knows. */
export function only(kind: string, rendered: string): unknown {
  const [found, ...others] = manifests(rendered).filter((manifest) => manifest.kind === kind);
  if (found === undefined || others.length > 0) throw new Error(`not one ${kind}`);
  return found;
}
