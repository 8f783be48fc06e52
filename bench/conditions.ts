import { cpus, loadavg } from 'node:os';

/** Under what conditions figures come about, for those who compare them: one line of text. */
export function conditions(): string {
  const load = loadavg()
    .map((average) => average.toFixed(2))
    .join(' ');
  const cores = cpus();
  return `Node ${process.version}, ${cores.length} cores (${cores[0]?.model ?? 'unknown'}), load average ${load}`;
}
