import { readdir, readlink } from 'node:fs/promises';

import { processTree } from './processTree.js';

/** What a process and all its descendants hold at one moment. */
export interface TreeHandles {
  readonly processes: number;
  readonly threads: number;
  /** Open files of any kind, sockets included. */
  readonly descriptors: number;
  readonly sockets: number;
}

/** Counts what a process and its descendants hold. Linux only. */
export async function treeHandles(root: number): Promise<TreeHandles> {
  const pids = (await processTree(root)).map(({ pid }) => pid);
  const threads = (await Promise.all(pids.map((pid) => readdir(`/proc/${pid}/task`)))).flat();
  const files = (await Promise.all(pids.map(openFiles))).flat();
  return {
    processes: pids.length,
    threads: threads.length,
    descriptors: files.length,
    sockets: files.filter((file) => file.startsWith('socket:')).length,
  };
}

async function openFiles(pid: number): Promise<readonly string[]> {
  const folder = `/proc/${pid}/fd`;
  const links = (await readdir(folder)).map((name) =>
    // Some are closed while they are being read.
    readlink(`${folder}/${name}`).catch(() => undefined),
  );
  return (await Promise.all(links)).filter((file) => file !== undefined);
}
