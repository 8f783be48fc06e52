import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { Socket } from 'node:net';

/** Waits for the end of its input, which is the end of the process that holds the other side. */
const WATCH = 'cat >/dev/null; kill -KILL "$0" 2>/dev/null';

/**
 * Starts a child process that cannot outlive this one, however this one ends.
 *
 * Signals and `process.exit` could be caught here, a kill -9 could not; so a second, tiny process
 * holds a pipe from this one and kills the child when the pipe breaks.
 *
 * @returns the child; a command that cannot be started shows as its `error` event, as with `spawn`.
 */
export function spawnBound(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const child = spawn(command, args, options);
  if (child.pid === undefined) return child;
  const watcher = spawn('sh', ['-c', WATCH, String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // In a group of its own it is spared the Ctrl-C that the terminal sends to everybody else.
    detached: true,
  });
  watcher.unref();
  // Of the watcher's end nothing needs to be known, but its broken pipe must not be fatal here.
  watcher.stdin.on('error', () => undefined);
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  child.once('exit', () => watcher.kill('SIGKILL'));
  return child;
}
