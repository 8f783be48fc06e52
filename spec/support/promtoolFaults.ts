import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { findProgram } from '../../demo/cache.js';

/**
 * What Prometheus' own tool finds wrong with a page of metrics: one line for each fault. Nothing where
 * there is no promtool on the PATH or in the cache folder; `metricsFaults` goes by the same rules.
 */
export async function promtoolFaults(page: string): Promise<readonly string[]> {
  const promtool = await findProgram('promtool');
  if (promtool === undefined) return [];
  const child = spawn(promtool, ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(page);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const said = (await Promise.all([text(child.stdout), text(child.stderr)])).join('').trim();
  const [code] = await exited;
  return said === '' && code === 0 ? [] : [...said.split('\n'), `exit code ${code}`];
}
