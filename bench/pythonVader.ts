import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const REFERENCE = 'vaderSentiment==3.3.2';
/** Scores every text of a file of JSON lines so many times; prints the seconds of each pass. */
const PROGRAM = `
import json, sys, time
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
analyzer = SentimentIntensityAnalyzer()
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    for text in texts:
        analyzer.polarity_scores(text)
    print(time.perf_counter() - start)
`;

/** The reference implementation, installed for the length of a measurement. */
export interface PythonVader {
  /** Seconds that each of the passes over the texts of a file (JSON lines) took, one by one. */
  time(file: string, passes: number): Promise<readonly number[]>;
  uninstall(): Promise<void>;
}

/**
 * Installs the reference implementation into a virtual environment in a temporary folder.
 *
 * @throws Error where there is no Python 3, no `venv` module, or no package index.
 */
export async function installPythonVader(): Promise<PythonVader> {
  const folder = await mkdtemp(join(tmpdir(), 'vader-'));
  const python = join(folder, 'bin', 'python');
  const uninstall = () => rm(folder, { recursive: true });
  try {
    await run('python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', REFERENCE]);
  } catch (cause) {
    await uninstall();
    throw new Error(`${REFERENCE} could not be installed for python3`, { cause });
  }
  return {
    time: async (file, passes) => {
      const { stdout } = await run(python, ['-c', PROGRAM, file, String(passes)]);
      return stdout.trim().split('\n').map(Number);
    },
    uninstall,
  };
}
