import '../demo/participants/quietRtcNode.js';

import { setTimeout as sleep } from 'node:timers/promises';

import { type DemoParticipant, joinRoom } from '../demo/participants/joinRoom.js';
import { now } from '../demo/participants/heardWindows.js';
import type { ServerAccess } from '../demo/participants/mintToken.js';
import { loadPhrases } from '../demo/providers/phrases/loadPhrases.js';
import { HANDED_TONES, type HandedCall, openHandedCall } from './handedCall.js';
import { openMusicEar } from './musicEar.js';
import type { Seen, Task, Told } from './startHandedPeople.js';
import { withPause } from './transcriptionRoom.js';

/*
 * Program of the people in some of the calls of `handover`: in processes of their own they keep
 * neither each other nor the product waiting. It does one task after the other, as its parent says,
 * and answers each.
 */
const LANGUAGE = 'en';
/** Longer than the pause that ends an utterance. */
const PAUSE_MS = 900;
/** The last words are understood by then. */
const SETTLED_MS = 5_000;
const DEADLINE_MS = 60_000;

const calls: HandedCall[] = [];
/** Who hears the floor: nobody but the music. */
const listeners: (Pick<HandedCall, 'room' | 'ear'> & { readonly person: DemoParticipant })[] = [];

/**
 * One call in each process has a sound to be heard by mistake: in all of them, it would be these
 * people who keep the machine busy. Each call begins with another phrase, and when it happens to be opened.
 */
async function open(server: ServerAccess, rooms: readonly string[], music: string): Promise<void> {
  const all = await loadPhrases();
  const phrases = all
    .filter(({ language }) => language.startsWith(LANGUAGE))
    .map((phrase) => withPause(phrase, PAUSE_MS));
  for (const [index, room] of rooms.entries()) {
    const from = Math.floor(Math.random() * phrases.length);
    const own = [...phrases.slice(from), ...phrases.slice(0, from)];
    calls.push(await openHandedCall(server, room, music, own, index === 0));
  }
}

async function listen(server: ServerAccess, rooms: readonly string[]): Promise<void> {
  for (const room of rooms) {
    const attributes = { 'media.command': 'play', 'media.command_id': room };
    const person = await joinRoom(server, { room, identity: 'caller', kind: 'sip', attributes });
    listeners.push({ room, person, ear: openMusicEar(person, HANDED_TONES.music) });
  }
}

async function look(): Promise<readonly Seen[]> {
  const held = await Promise.all(
    calls.map(async (call) => ({ room: call.room, ...call.ear.heard(), bots: await call.bots() })),
  );
  return [...held, ...listeners.map(({ room, ear }) => ({ room, ...ear.heard(), bots: [] }))];
}

async function close(): Promise<void> {
  await Promise.all(calls.splice(0).map((call) => call.close()));
  for (const { ear, person } of listeners.splice(0)) {
    ear.close();
    await person.leave();
  }
}

async function perform(task: Task): Promise<Told[Task['type']]> {
  if (task.type === 'open') return open(task.server, task.rooms, task.music);
  if (task.type === 'listen') return listen(task.server, task.rooms);
  if (task.type === 'look') return look();
  if (task.type === 'close') return close();
  if (task.type === 'mark') {
    [...calls, ...listeners].forEach(({ ear }) => ear.mark());
    return;
  }
  if (task.type === 'hear') {
    const since = now();
    const listening = { within: DEADLINE_MS, since };
    await Promise.all(
      listeners.map(({ person }) => person.waitForTone(HANDED_TONES.music, listening)),
    );
    return;
  }
  await Promise.all(calls.map(({ talk }) => talk.hush()));
  await sleep(SETTLED_MS);
  return calls.map(({ talk: { said, read } }) => ({ said, read }));
}

process.on('message', (task: Task) => {
  perform(task).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit());
process.send?.('ready');
