import { fork } from 'node:child_process';
import { extname, join } from 'node:path';
import {
  defer,
  EMPTY,
  filter,
  finalize,
  fromEvent,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  share,
  startWith,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import { silence } from '../operators/silence.js';
import type { Milliseconds } from '../operators/types.js';
import type { FromHost, ToHost } from './hostProtocol.js';

/** A call host, ready to take calls. */
export interface HostProcess {
  readonly pid: number | undefined;
  /** Hot; completes when the process has ended. */
  readonly message$: Observable<FromHost>;
  /** Silently does nothing once the process has ended: its calls learn that from `message$`. */
  readonly send: (message: ToHost) => void;
}

/** The host's program, beside this file: TypeScript under tsx, JavaScript when built. */
const HOST_PROGRAM = join(import.meta.dirname, `host${extname(import.meta.filename)}`);

/**
 * Keep a host's JavaScript heap at half of what it would be; its audio work is native or in typed
 * arrays. Smaller still, it takes another tenth of a busy host's time to keep it so (measured).
 */
const V8_FLAGS = [
  '--min-semi-space-size=2',
  '--max-semi-space-size=2',
  '--heap-growing-percent=20',
];

/**
 * A host has some 45 threads, and glibc has as many heaps for them, each of which keeps what it once
 * had: with two the calls of a host leave half as much behind (measured). Other libraries ignore it.
 *
 * @see https://man7.org/linux/man-pages/man3/mallopt.3.html, `M_ARENA_MAX`.
 */
const ALLOCATOR = { MALLOC_ARENA_MAX: '2' };

/** A host that says nothing for so long is stuck; it says something every second. */
const STUCK: Milliseconds = 10_000;
/** Until its first word; loading takes a second, and several on a machine that is busy. */
const STARTING: Milliseconds = 60_000;

type Exit = readonly [code: number | null, signal: NodeJS.Signals | null];

function toEnd([code, signal]: Exit): Observable<never> {
  if (code === 0) return EMPTY;
  return throwError(() => new Error(`call host ended by ${signal ?? `exit code ${code ?? 0}`}`));
}

/**
 * Forks a call host. Inherits the environment, standard output and the flags of this process.
 *
 *     result  ----h---------|     h: ready; completes with exit code 0, otherwise errors
 *
 * A host whose event loop stands still for 10 s is killed. Unsubscribing cuts the channel, on which
 * a host releases its calls and exits by itself.
 *
 * @param shutdown$ asks the host to release its calls and exit.
 */
export function forkHost(
  shutdown$: Observable<unknown>,
  program: string = HOST_PROGRAM,
): Observable<HostProcess> {
  return defer(() => {
    const child = fork(program, {
      execArgv: [...process.execArgv, ...V8_FLAGS],
      env: { ...ALLOCATOR, ...process.env },
    });
    // Unlike `exit`, `close` comes after the last message.
    const exit$ = (fromEvent(child, 'close') as Observable<Exit>).pipe(take(1), share());
    const message$ = (fromEvent(child, 'message') as Observable<[FromHost, unknown]>).pipe(
      map(([message]) => message),
      takeUntil(exit$),
      share(),
    );
    const send = (message: ToHost) => child.connected && child.send(message, () => undefined);
    const ready$ = message$.pipe(
      filter(({ type }) => type === 'ready'),
      map((): HostProcess => ({ pid: child.pid, message$, send })),
    );
    const asked$ = shutdown$.pipe(
      tap(() => send({ type: 'shutdown' })),
      ignoreElements(),
    );
    const failed$ = (fromEvent(child, 'error') as Observable<Error>).pipe(
      mergeMap((error) => throwError(() => error)),
    );
    const stuck$ = message$.pipe(
      map(() => STUCK),
      startWith(STARTING),
      switchMap((time) => silence(time)),
      tap(() => child.kill('SIGKILL')),
      ignoreElements(),
    );
    const alive$ = merge(ready$, asked$, failed$, stuck$).pipe(takeUntil(exit$));
    return merge(alive$, exit$.pipe(mergeMap(toEnd))).pipe(
      finalize(() => child.connected && child.disconnect()),
    );
  });
}
