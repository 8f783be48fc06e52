import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { ShortCall } from './shortCall.js';
import type { ShortCalls } from './shortCallers.js';

const PROGRAM = fileURLToPath(new URL('shortCallers.ts', import.meta.url));

/**
 * Makes short calls from a process of their own, which ends with the last of them: rtc-node leaves
 * something behind for every room, and one that has joined hundreds joins no more.
 *
 * @throws Error when one of the calls fails; what failed is on standard error.
 */
export async function makeShortCalls(calls: ShortCalls): Promise<readonly ShortCall[]> {
  if (calls.calls === 0) return [];
  const child = fork(PROGRAM);
  const exited = once(child, 'exit');
  const failed = exited.then(() => Promise.reject(new Error(`the callers of ${calls.name} ended`)));
  failed.catch(() => undefined);
  child.send(calls);
  const [made] = (await Promise.race([once(child, 'message'), failed])) as [readonly ShortCall[]];
  await exited;
  return made;
}
