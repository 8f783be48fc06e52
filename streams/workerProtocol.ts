import { type Job, ServerMessage, WorkerMessage } from '@livekit/protocol';
import { AccessToken } from 'livekit-server-sdk';
import {
  BehaviorSubject,
  catchError,
  concat,
  defer,
  filter,
  finalize,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  repeat,
  switchMap,
  take,
  tap,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import { webSocket, type WebSocketSubject } from 'rxjs/webSocket';
import WebSocket from 'ws';
import type { Milliseconds } from '../operators/types.js';

/** Who registers where, and how stubbornly. */
export interface WorkerProtocolOptions {
  /** Address of the server's agent endpoint, `ws://…/agent`. */
  readonly agentUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** The name that dispatches ask for. */
  readonly agentName: string;
  /** Failed attempts in a row after which LiveKit is given up. A registration starts a new row. */
  readonly maxRetry: number;
  /** How often the connection is tested; it is given up after two intervals of silence. */
  readonly pingInterval?: Milliseconds;
}

/** What the server says, and how the connection fares. */
export type WorkerProtocolEvent =
  | { readonly type: 'registered'; readonly workerId: string; readonly serverVersion: string }
  | { readonly type: 'availability'; readonly job: Job }
  | {
      readonly type: 'assignment';
      readonly job: Job;
      /** Signal address to join at, where it is another than the worker's own. */
      readonly url: string | undefined;
      readonly token: string;
    }
  | { readonly type: 'termination'; readonly jobId: string }
  /** A message of a later protocol, or none at all. */
  | { readonly type: 'unknown' }
  /** `failures` in a row so far; the next attempt follows by itself. */
  | { readonly type: 'disconnected'; readonly error: Error; readonly failures: number };

/** LiveKit was given up after `maxRetry` failures in a row; `cause` is the last one. */
export class LiveKitLostError extends Error {
  override readonly name = 'LiveKitLostError';
}

// The server's own pings come every 10 s too (livekit-server, pkg/service/wsprotocol.go).
const PING_INTERVAL: Milliseconds = 10_000;
const FIRST_BACKOFF: Milliseconds = 500;
const MAX_BACKOFF: Milliseconds = 10_000;
const SILENCE = 'LiveKit has fallen silent';
const HANDSHAKE_TIMEOUT: Milliseconds = 10_000;

/** Grows with each failure; the random half keeps many workers from returning in step. */
const backoff = (failures: number): Milliseconds =>
  Math.min(MAX_BACKOFF, FIRST_BACKOFF * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);

const lost = (failures: number, cause: Error) =>
  new LiveKitLostError(`gave up after ${failures} attempts: ${cause.message}`, { cause });

const mintToken = ({ apiKey, apiSecret }: WorkerProtocolOptions) => {
  const token = new AccessToken(apiKey, apiSecret);
  token.addGrant({ agent: true });
  return token.toJwt();
};

const decode = ({ data }: MessageEvent): ServerMessage => {
  try {
    return ServerMessage.fromBinary(new Uint8Array(data as ArrayBuffer));
  } catch {
    return new ServerMessage();
  }
};

type Socket = WebSocketSubject<WorkerMessage | ServerMessage>;

/** RxJS constructs the socket with the address alone, hence a class that knows the token. */
const authorizedSocket = (token: string) =>
  class extends WebSocket {
    constructor(address: string) {
      super(address, {
        headers: { Authorization: `Bearer ${token}` },
        handshakeTimeout: HANDSHAKE_TIMEOUT,
      });
    }
  };

function openSocket(address: string, token: string): Socket {
  return webSocket<WorkerMessage | ServerMessage>({
    url: address,
    WebSocketCtor: authorizedSocket(token) as unknown as typeof globalThis.WebSocket,
    binaryType: 'arraybuffer',
    serializer: (message) => message.toBinary(),
    deserializer: decode,
  });
}

const registration = ({ agentName, pingInterval = PING_INTERVAL }: WorkerProtocolOptions) =>
  new WorkerMessage({
    message: {
      case: 'register',
      value: { agentName, pingInterval: Math.round(pingInterval / 1000) },
    },
  });

const ping = () =>
  new WorkerMessage({ message: { case: 'ping', value: { timestamp: BigInt(Date.now()) } } });

const toEvent = ({ message }: ServerMessage): WorkerProtocolEvent | undefined => {
  switch (message.case) {
    case 'register': {
      const { workerId, serverInfo } = message.value;
      return { type: 'registered', workerId, serverVersion: serverInfo?.version ?? '' };
    }
    case 'availability':
      return message.value.job && { type: 'availability', job: message.value.job };
    case 'assignment': {
      const { job, url, token } = message.value;
      return job && { type: 'assignment', job, url: url === '' ? undefined : url, token };
    }
    case 'termination':
      return { type: 'termination', jobId: message.value.jobId };
    case 'pong':
      return undefined;
    case undefined:
      return { type: 'unknown' };
  }
};

/** The fields that say why, of the DOM events (error or close) with which a socket fails. */
interface SocketFailure {
  readonly message?: string;
  readonly error?: NodeJS.ErrnoException;
  readonly code?: number;
}

const toError = (failure: unknown): Error => {
  if (failure instanceof Error) return failure;
  const { message, error, code } = failure as SocketFailure;
  if (message?.endsWith('401')) return new Error('LiveKit refused the API key or secret');
  if (code !== undefined) return new Error(`LiveKit closed the connection (code ${code})`);
  // A name with several addresses fails with an error that has a code but no message.
  const reason = message === '' ? error?.code : message;
  return new Error(`LiveKit cannot be reached: ${reason ?? 'unknown reason'}`);
};

function sendPings(socket$: Socket, every: Milliseconds): Observable<never> {
  return interval(every).pipe(
    tap(() => socket$.next(ping())),
    ignoreElements(),
  );
}

/**
 * One connection: registers, then carries events until it fails. Never completes: a server that
 * closes politely is as gone as any other. `registered$` holds the socket while it is registered.
 */
function connection(
  options: WorkerProtocolOptions,
  registered$: BehaviorSubject<Socket | undefined>,
): Observable<WorkerProtocolEvent> {
  return defer(() => mintToken(options)).pipe(
    switchMap((token) => {
      const { agentUrl, pingInterval = PING_INTERVAL } = options;
      const socket$ = openSocket(agentUrl, token);
      const closed$ = throwError(() => new Error('LiveKit closed the connection'));
      const event$ = concat(socket$, closed$).pipe(
        timeout({ each: 2 * pingInterval, with: () => throwError(() => new Error(SILENCE)) }),
        filter((message) => message instanceof ServerMessage),
        map(toEvent),
        filter((event) => event !== undefined),
        tap(({ type }) => type === 'registered' && registered$.next(socket$)),
        finalize(() => registered$.next(undefined)),
      );
      socket$.next(registration(options));
      return merge(event$, sendPings(socket$, pingInterval));
    }),
  );
}

function sendAll(
  outgoing$: Observable<WorkerMessage>,
  registered$: Observable<Socket | undefined>,
): Observable<never> {
  return outgoing$.pipe(
    mergeMap((message) => {
      const keep = message.message.case === 'updateJob';
      return registered$.pipe(
        filter((socket$) => socket$ !== undefined || !keep),
        take(1),
        tap((socket$) => socket$?.next(message)),
      );
    }),
    ignoreElements(),
  );
}

/**
 * Registers an agent worker and keeps it registered: reconnects with a growing, jittered pause,
 * each time with a fresh token, and notices a connection that has fallen silent.
 *
 *     outgoing  -----------a------s---------    a: availability answer, s: job status
 *     result    --r-----v------x-------r---#    r: registered, v: availability, x: disconnected
 *     sent      w--------- a ----------w(s)     w: registration
 *
 * A job status that finds no registered connection is sent after the next registration; any other
 * message would be stale by then and is dropped.
 *
 * @param outgoing$ what the worker says; subscribed to once, for as long as the result is.
 * @returns never completes. Errors with LiveKitLostError after `maxRetry` failures in a row.
 * @see livekit-server, pkg/agent/worker.go and pkg/service/agentservice.go, for the other side.
 */
export function workerProtocol(
  options: WorkerProtocolOptions,
  outgoing$: Observable<WorkerMessage>,
): Observable<WorkerProtocolEvent> {
  return defer(() => {
    let failures = 0;
    const registered$ = new BehaviorSubject<Socket | undefined>(undefined);
    const event$ = connection(options, registered$).pipe(
      tap(() => (failures = 0)),
      catchError((failure: unknown) => {
        const error = toError(failure);
        failures += 1;
        if (failures >= options.maxRetry) throw lost(failures, error);
        return of<WorkerProtocolEvent>({ type: 'disconnected', error, failures });
      }),
      repeat({ delay: () => timer(backoff(failures)) }),
    );
    return merge(sendAll(outgoing$, registered$), event$);
  });
}
