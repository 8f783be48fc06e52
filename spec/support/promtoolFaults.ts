import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { findProgram } from '../../demo/cache.js';

/**
 * What Prometheus' own tool finds wrong with a page of metrics, or a file of rules: one line for each
 * fault. Nothing where there is no promtool on the PATH or in the cache folder.
 */
export async function promtoolFaults(
  kind: 'metrics' | 'rules',
  content: string,
): Promise<readonly string[]> {
  const promtool = await findProgram('promtool');
  if (promtool === undefined) return [];
  const child = spawn(promtool, ['check', kind], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.end(content);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const said = await text(child.stderr);
  const [code] = await exited;
  return code === 0 ? [] : [`promtool: exit code ${code}`, ...said.trim().split('\n')];
}
