import '../demo/participants/quietRtcNode.js';

import { dispose } from '@livekit/rtc-node';
import { lastValueFrom, mergeMap, range, toArray } from 'rxjs';

import type { ServerAccess } from '../demo/participants/mintToken.js';
import { type ShortCall, shortCall, type ShortTone } from './shortCall.js';

/*
 * Program of callers: makes the short calls that the parent asks for, tells how they went, and ends.
 */

/** Short calls to be made, as the parent sends them. */
export interface ShortCalls {
  readonly server: ServerAccess;
  /** With which the names of the rooms begin. */
  readonly name: string;
  readonly calls: number;
  /** How many at a time. */
  readonly wave: number;
  /** Of each call of a wave. */
  readonly tones: readonly ShortTone[];
}

async function make({ server, name, calls, wave, tones }: ShortCalls): Promise<void> {
  const call = (number: number): Promise<ShortCall> =>
    shortCall(server, `${name} ${number}`, tones[number % tones.length]!);
  const made = range(1, calls).pipe(mergeMap(call, wave), toArray());
  process.send?.(await lastValueFrom(made, { defaultValue: [] }));
  await dispose();
  process.disconnect();
}

process.once('message', (calls: ShortCalls) => void make(calls));
