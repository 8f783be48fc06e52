import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { mintToken, type ServerAccess } from '../demo/participants/mintToken.js';

const PROGRAM = fileURLToPath(new URL('transcriptionFloor.ts', import.meta.url));

/** A process that hears what the worker hears, see `transcriptionFloor`. */
export interface TranscriptionFloor {
  /** Joins a room and listens there until the end. One at a time. */
  join(room: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the floor. */
export async function startTranscriptionFloor(server: ServerAccess): Promise<TranscriptionFloor> {
  const child = fork(PROGRAM);
  const exited = once(child, 'exit');
  const died = exited.then(() => Promise.reject(new Error('the floor ended')));
  died.catch(() => undefined);
  const answer = () => Promise.race([once(child, 'message'), died]);
  await answer();
  return {
    join: async (room) => {
      const request = { room, identity: `floor in ${room}`, kind: 'agent' } as const;
      child.send({ url: server.url, token: await mintToken(server, request) });
      await answer();
    },
    stop: async () => {
      child.disconnect();
      await exited;
    },
  };
}
