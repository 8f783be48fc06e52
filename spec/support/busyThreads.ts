import { Worker } from 'node:worker_threads';

/** Keeps so many processors busy until what it returns is called. */
export function busyThreads(count: number): () => Promise<unknown> {
  const threads = Array.from({ length: count }, () => new Worker('for (;;);', { eval: true }));
  return () => Promise.all(threads.map((thread) => thread.terminate()));
}
