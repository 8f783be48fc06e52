import type { FromHost, ToHost } from '../../lib/hostProtocol.js';
import { createMetrics } from '../../lib/metrics.js';

/*
 * A call host whose calls join no room: each counts as many repairs as its room is called, which the
 * host tells at once.
 */
const metrics = createMetrics();
const send = (message: FromHost) => process.send?.(message);

async function count(repairs: number): Promise<void> {
  for (let i = 0; i < repairs; i += 1) metrics.isolation.repaired();
  send({ type: 'metrics', snapshot: await metrics.snapshot() });
}

process.on('message', (message: ToHost) => {
  if (message.type === 'shutdown') process.exit(0);
  if (message.type !== 'take') return;
  const { jobId, room } = message.assignment;
  send({ type: 'joined', jobId, participantSid: String(process.pid) });
  void count(Number(room));
});
process.on('disconnect', () => process.exit(0));
send({ type: 'ready' });
