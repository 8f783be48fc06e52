import { readdir, readFile } from 'node:fs/promises';

/** What a process and all its descendants take at one moment. */
export interface TreeUsage {
  readonly processes: number;
  /** Proportional set size: private memory, and of each shared page its share. */
  readonly pssMiB: number;
  /** What would be free again if they were not there. */
  readonly privateMiB: number;
  /** Time on a processor so far. */
  readonly cpuMs: number;
}

/** One process, from `/proc/PID/stat`. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
}

/** Linux counts in hundredths of a second (`getconf CLK_TCK`). */
const TICK_MS = 10;

/** A process and all that descend from it, at this moment. Linux only. */
export async function processTree(root: number): Promise<readonly ProcessStat[]> {
  return descendants(root, await allProcesses());
}

/** Reads what a process and its descendants take. Linux only. */
export async function treeUsage(root: number): Promise<TreeUsage> {
  const tree = await processTree(root);
  const memory = await Promise.all(
    tree.map(async ({ pid }) => parseMemory(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'))),
  );
  return {
    processes: tree.length,
    pssMiB: sum(memory.map(({ pssMiB }) => pssMiB)),
    privateMiB: sum(memory.map(({ privateMiB }) => privateMiB)),
    cpuMs: sum(tree.map(({ cpuMs }) => cpuMs)),
  };
}

/** A process and all that descend from it. */
export function descendants(root: number, all: readonly ProcessStat[]): readonly ProcessStat[] {
  const children = all.filter(({ parent }) => parent === root);
  const itself = all.filter(({ pid }) => pid === root);
  return [...itself, ...children.flatMap(({ pid }) => descendants(pid, all))];
}

/** Parses `/proc/PID/stat`, see proc(5). A process's name may hold spaces and parentheses. */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
  return { pid: parseInt(text), parent: parent!, cpuMs: TICK_MS * (user! + system!) };
}

/** Parses `/proc/PID/smaps_rollup`, see proc(5). */
export function parseMemory(text: string): Pick<TreeUsage, 'pssMiB' | 'privateMiB'> {
  const mebibytes = (name: string) =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)![1]) / 1_024;
  return {
    pssMiB: mebibytes('Pss'),
    privateMiB: mebibytes('Private_Clean') + mebibytes('Private_Dirty'),
  };
}

async function allProcesses(): Promise<readonly ProcessStat[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    // Some end while they are being read.
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)),
  );
  return stats.filter((text) => text !== undefined).map(parseStat);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
