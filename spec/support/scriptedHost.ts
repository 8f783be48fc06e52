import { BEAT_INTERVAL, type FromHost, type ToHost } from '../../lib/hostProtocol.js';

/*
 * A call host whose calls join no room: it speaks the protocol, and each call does what the name of
 * its room says: `ends` soon, `crashes` the process, anything else lasts until the shutdown.
 */
const send = (message: FromHost) => process.send?.(message);
const jobIds = new Set<string>();

const take = (jobId: string, room: string): void => {
  jobIds.add(jobId);
  send({ type: 'joined', jobId, participantSid: `PA_${process.pid}` });
  if (room.startsWith('ends')) send({ type: 'ending', jobId, outcome: 'completed' });
  if (room.startsWith('crashes')) process.exit(3);
};

const end = (jobId: string): void => {
  jobIds.delete(jobId);
  send({ type: 'ended', jobId, outcome: 'completed' });
};

process.on('message', (message: ToHost) => {
  if (message.type === 'take') take(message.assignment.jobId, message.assignment.room);
  if (message.type === 'leave') end(message.jobId);
  if (message.type !== 'shutdown') return;
  jobIds.forEach(end);
  process.exit(0);
});
process.on('disconnect', () => process.exit(0));
setInterval(() => send({ type: 'beat' }), BEAT_INTERVAL);
send({ type: 'ready' });
