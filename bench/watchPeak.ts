import { treeUsage } from './processTree.js';

/** The highest memory of a process and all its descendants. */
export interface Peak {
  /** The highest PSS since it was last taken, in MiB. */
  take(): number;
  stop(): void;
}

const BETWEEN_LOOKS_MS = 500;

/** Looks at a process and its descendants twice a second. Linux only. */
export function watchPeak(root: number): Peak {
  let highest = 0;
  async function look(): Promise<void> {
    // Processes end while they are being read; there is another look.
    const usage = await treeUsage(root).catch(() => undefined);
    highest = Math.max(highest, usage?.pssMiB ?? 0);
  }
  const looking = setInterval(() => void look(), BETWEEN_LOOKS_MS);
  return {
    take: () => {
      const taken = highest;
      highest = 0;
      return taken;
    },
    stop: () => clearInterval(looking),
  };
}
