import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { ServerAccess } from '../demo/participants/mintToken.js';
import type { HeardSince } from './musicEar.js';
import type { Words } from './transcriptionTalk.js';

const PROGRAM = fileURLToPath(new URL('handedPeople.ts', import.meta.url));

/** One call since the last mark. */
export interface Seen extends HeardSince {
  readonly room: string;
  /** Identities of its bots now. */
  readonly bots: readonly string[];
}

/** Of one colleague, from the beginning on. */
export interface Said {
  readonly said: readonly Words[];
  readonly read: readonly Words[];
}

/** What people are told to do. */
export type Task =
  /** Open calls, one after the other. */
  | {
      readonly type: 'open';
      readonly server: ServerAccess;
      readonly rooms: readonly string[];
      readonly music: string;
    }
  /** Join these rooms of the floor as callers. */
  | { readonly type: 'listen'; readonly server: ServerAccess; readonly rooms: readonly string[] }
  /** Resolve when all callers of the floor hear the music. */
  | { readonly type: 'hear' }
  /** Forget what was heard so far. */
  | { readonly type: 'mark' }
  | { readonly type: 'look' }
  /** Say no more, and tell what was said. */
  | { readonly type: 'hush' }
  | { readonly type: 'close' };

/** What they answer. */
export interface Told extends Record<Exclude<Task['type'], 'look' | 'hush'>, void> {
  look: readonly Seen[];
  hush: readonly Said[];
}

/** The people of many calls, shared out among some processes. */
export interface HandedPeople {
  /** Opens calls; resolves when all are on hold and talk. */
  open(rooms: readonly string[], music: string): Promise<void>;
  /** Has callers join the rooms of the floor. */
  listen(rooms: readonly string[]): Promise<void>;
  /** Resolves when all of these hear the music. */
  hear(): Promise<void>;
  mark(): Promise<void>;
  /** What was heard in each call since the last mark. */
  look(): Promise<readonly Seen[]>;
  /** Has everybody finish, and resolves with what each colleague has said and read. */
  hush(): Promise<readonly Said[]>;
  /** Ends all calls. */
  close(): Promise<void>;
  stop(): Promise<void>;
}

type Answer = { readonly answer?: unknown } | { readonly error: string };

/** Starts people in so many processes. */
export async function startHandedPeople(
  server: ServerAccess,
  processes: number,
): Promise<HandedPeople> {
  const start = Array.from({ length: processes }, startGroup);
  const groups = await Promise.all(start);
  const all = <T extends Task>(task: T) =>
    Promise.all(groups.map(({ tell }) => tell(task))) as Promise<Told[T['type']][]>;
  const share = (rooms: readonly string[], toTask: (own: readonly string[]) => Task) =>
    Promise.all(
      groups.map(({ tell }, n) => tell(toTask(rooms.filter((_, room) => room % processes === n)))),
    );
  return {
    open: async (rooms, music) => {
      await share(rooms, (own) => ({ type: 'open', server, rooms: own, music }));
    },
    listen: async (rooms) => {
      await share(rooms, (own) => ({ type: 'listen', server, rooms: own }));
    },
    hear: async () => {
      await all({ type: 'hear' });
    },
    mark: async () => {
      await all({ type: 'mark' });
    },
    look: async () => (await all({ type: 'look' })).flat(),
    hush: async () => (await all({ type: 'hush' })).flat(),
    close: async () => {
      await all({ type: 'close' });
    },
    stop: async () => {
      await Promise.all(groups.map(({ stop }) => stop()));
    },
  };
}

async function startGroup() {
  const child = fork(PROGRAM);
  const exited = once(child, 'exit');
  const gone = exited.then(() => Promise.reject(new Error('people are gone')));
  gone.catch(() => undefined);
  const message = async () => (await Promise.race([once(child, 'message'), gone]))[0] as Answer;
  await message();
  return {
    /** @throws Error with what went wrong there. */
    tell: async (task: Task): Promise<unknown> => {
      child.send(task);
      const answer = await message();
      if ('error' in answer) throw new Error(`${task.type}: ${answer.error}`);
      return answer.answer;
    },
    stop: async () => {
      child.disconnect();
      await exited;
    },
  };
}
