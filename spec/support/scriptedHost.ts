import { BEAT_INTERVAL, type FromHost, type ToHost } from '../../lib/hostProtocol.js';

/*
 * A call host whose calls join no room: it speaks the protocol, and each call does what the name of
 * its room says: `ends` soon, `crashes` the process, `weighs 100` MiB; all but the first two last until the shutdown.
 */
const send = (message: FromHost) => process.send?.(message);
/** Bytes: what a call in a room of the name `weighs …` adds is as much as is named. */
let memory = 50 * 2 ** 20;
const jobIds = new Set<string>();

const take = (jobId: string, room: string): void => {
  jobIds.add(jobId);
  send({ type: 'joined', jobId, participantSid: `PA_${process.pid}` });
  if (room.startsWith('ends')) send({ type: 'ending', jobId, outcome: 'completed' });
  if (room.startsWith('crashes')) process.exit(3);
  if (room.startsWith('weighs')) memory += Number(room.split(' ')[1]) * 2 ** 20;
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
setInterval(() => send({ type: 'beat', memory }), BEAT_INTERVAL);
send({ type: 'ready' });
