import { type Bytes, MEBIBYTE, SUCCESSOR_MEMORY } from './memory.js';
import { readJsonObject } from '../operators/readJsonObject.js';
import type { Milliseconds } from '../operators/types.js';

/** A call that was promised to LiveKit, and from its assignment on lives in a host. */
export interface AdmittedCall {
  readonly room: string;
  /** The participant that the call is, or will be. */
  readonly identity: string;
  readonly admittedAt: Milliseconds;
  /** Whether it is to relieve another bot, which goes on until this one is ready. */
  readonly relieves?: boolean;
  /** Whether the assignment has come; a promise without one lapses. */
  readonly assigned: boolean;
}

/** All admitted calls by job id. */
export type AdmittedCalls = ReadonlyMap<string, AdmittedCall>;

/** What speaks for or against one more call. */
export interface Circumstances {
  readonly draining: boolean;
  /** Hosts that can take a call. */
  readonly warmHosts: number;
  /** Measured load, 0 to 1. */
  readonly load: number;
  /** Load above which no call is taken. */
  readonly loadThreshold: number;
  /** What one new call will add to the load. */
  readonly loadPerCall: number;
  /** What worker and hosts use. */
  readonly memory: Bytes;
  /** What they may use altogether. */
  readonly memoryLimit: Bytes;
  readonly calls: AdmittedCalls;
  readonly now: Milliseconds;
}

/**
 * Why a call is turned away. `bot_present` is final; for the others the server may ask another
 * worker.
 */
export type Refusal = 'draining' | 'no_host' | 'overloaded' | 'no_memory' | 'bot_present';

/**
 * How long a new call counts with an estimate, until the measured load, an average over 10 s, has
 * it. Also how long a promise lasts: the server waits as long for our answer, then assigns at once.
 */
export const PROMISE_TIME: Milliseconds = 10_000;

/** A room in a host takes 3 to 5 MiB (measured), and somewhat more while it is joined. */
const MEMORY_PER_CALL: Bytes = 6 * MEBIBYTE;

/**
 * What a call that relieves another bot counts of the estimate: what it takes for good. What it takes
 * more while it begins holds nobody up, and a pod that goes hands over all of its calls at once.
 */
const RELIEF_SHARE = 0.3;

/** Calls that are too new to show in what is measured. */
const young = ({ calls, now }: Circumstances): readonly AdmittedCall[] =>
  [...calls.values()].filter(({ admittedAt }) => now - admittedAt < PROMISE_TIME);

/** The measured load, and what the calls will add that it cannot show yet. */
export function expectedLoad(circumstances: Circumstances): number {
  const shares = young(circumstances).map(({ relieves }) => (relieves ? RELIEF_SHARE : 1));
  return shares.reduce(
    (load, share) => load + share * circumstances.loadPerCall,
    circumstances.load,
  );
}

/** Whether one more call, besides those that do not show yet, may take too much memory. */
function isFull(circumstances: Circumstances): boolean {
  const { memory, memoryLimit } = circumstances;
  return (
    memory + (young(circumstances).length + 1) * MEMORY_PER_CALL > memoryLimit - SUCCESSOR_MEMORY
  );
}

/**
 * Decides what can be decided without asking the server: whether there is room for one more call.
 *
 * @returns undefined to take the call.
 */
export function refuse(circumstances: Circumstances): Refusal | undefined {
  if (circumstances.draining) return 'draining';
  if (circumstances.warmHosts === 0) return 'no_host';
  if (expectedLoad(circumstances) > circumstances.loadThreshold) return 'overloaded';
  return isFull(circumstances) ? 'no_memory' : undefined;
}

/** The bot that the dispatch is to relieve: where it is there, that is no reason to refuse. */
export function handoverFrom(metadata: string): string | undefined {
  const relieved = readJsonObject(metadata)?.handover_from;
  return typeof relieved === 'string' ? relieved : undefined;
}

/** The calls with one more, promised but not yet assigned. */
export function admit(
  calls: AdmittedCalls,
  jobId: string,
  call: Omit<AdmittedCall, 'assigned'>,
): AdmittedCalls {
  return new Map(calls).set(jobId, { ...call, assigned: false });
}

/** The calls after the assignment of one of them, be it late. */
export function assign(
  calls: AdmittedCalls,
  jobId: string,
  call: Omit<AdmittedCall, 'assigned'>,
): AdmittedCalls {
  return new Map(calls).set(jobId, { ...call, ...calls.get(jobId), assigned: true });
}

/** The calls without one of them. */
export function without(calls: AdmittedCalls, jobId: string): AdmittedCalls {
  return new Map([...calls].filter(([id]) => id !== jobId));
}

/** Whether one of these calls has, or will have, a bot in the room, other than the one to relieve. */
export function botIn(calls: AdmittedCalls, room: string, relieved: string | undefined): boolean {
  return [...calls.values()].some((call) => call.room === room && call.identity !== relieved);
}
