import { lstat, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** One part of an installation. */
export interface Weight {
  /** `@livekit/agents`, or the folder beside `node_modules`, or `.` for single files. */
  readonly name: string;
  readonly bytes: number;
}

/** How much the files weigh that lie in a folder, by package: the heaviest first. */
export async function packageWeights(folder: string): Promise<readonly Weight[]> {
  const weights = new Map<string, number>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = partOf(relative(folder, path));
    weights.set(name, (weights.get(name) ?? 0) + (await lstat(path)).size);
  }
  return [...weights]
    .map(([name, bytes]) => ({ name, bytes }))
    .sort((one, other) => other.bytes - one.bytes);
}

/** What is installed below a package belongs to it. */
function partOf(path: string): string {
  const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
  return name ?? /^([^/]+)\//.exec(path)?.[1] ?? '.';
}
