import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { findLiveKitServer } from './findLiveKitServer.js';
import { freePort } from './freePort.js';
import { spawnBound } from './spawnBound.js';

export { findLiveKitServer };

const API_KEY = 'devkey';
const API_SECRET = 'a-secret-for-the-loopback-server-only';
const START_TIMEOUT_MS = 20_000;
/** A server that is told to stop in its first 100 ms forgets it was. */
const PATIENCE_MS = 1_000;
/** Between looking for free ports and binding them, somebody else may have taken one. */
const START_ATTEMPTS = 3;

/** A LiveKit server of one's own, reachable on the loopback interface only. */
export interface LiveKitServer {
  /** Signal address: `ws://127.0.0.1:PORT`. */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly pid: number;
  /** Ends the server and waits until it is gone; rooms are lost, clients see the signal drop. */
  stop(): Promise<void>;
}

/** What may be set on starting. */
export interface LiveKitServerOptions {
  /** Signal port; a free one when missing. Naming the last one is a restart, as clients see it. */
  readonly port?: number;
  /** Media by TCP alone, as where a firewall lets no UDP through. */
  readonly tcpOnly?: boolean;
  /** Addresses that are told of every event, signed with the server's key; none when missing. */
  readonly webhooks?: readonly string[];
}

/**
 * Starts a LiveKit server on free loopback ports and waits until it answers. Several may run side
 * by side. It ends with this process at the latest.
 *
 * @throws Error with the end of the server's log when it does not come up within 20 s.
 */
export async function startLiveKitServer(
  options: LiveKitServerOptions = {},
): Promise<LiveKitServer> {
  if (options.port !== undefined) await claim(options.port);
  const binary = await findLiveKitServer((line) => process.stderr.write(`${line}\n`));
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(binary, options.port ?? (await freePort()), options);
    } catch (cause) {
      if (attempt === START_ATTEMPTS || !String(cause).includes('address already in use'))
        throw cause;
    }
  }
}

/** Else whoever has the port would answer in the new server's place, and pass for it. */
async function claim(port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  await once(probe, 'listening');
  probe.close();
  await once(probe, 'close');
}

async function start(
  binary: string,
  port: number,
  options: LiveKitServerOptions,
): Promise<LiveKitServer> {
  const folder = mkdtempSync(join(tmpdir(), 'livekit-server-'));
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'w');
  const args = ['--config-body', JSON.stringify(await loopbackConfig(port, options))];
  const child = spawnBound(binary, args, { stdio: ['ignore', log, log] });
  closeSync(log);
  try {
    await untilItAnswers(child, port);
  } catch (cause) {
    await end(child);
    const tail = readFileSync(logFile, 'utf8').split('\n').slice(-20).join('\n');
    rmSync(folder, { recursive: true });
    throw new Error(`livekit-server did not start: ${String(cause)}\n${tail}`, { cause });
  }
  return {
    url: `ws://127.0.0.1:${port}`,
    apiKey: API_KEY,
    apiSecret: API_SECRET,
    pid: child.pid!,
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** JSON is YAML too. A STUN server of its own keeps the server from asking names of the Internet. */
async function loopbackConfig(
  port: number,
  { tcpOnly = false, webhooks = [] }: LiveKitServerOptions,
): Promise<object> {
  return {
    port,
    bind_addresses: ['127.0.0.1'],
    keys: { [API_KEY]: API_SECRET },
    webhook: { api_key: API_KEY, urls: webhooks },
    logging: { level: 'info', json: true },
    rtc: {
      tcp_port: await freePort(),
      force_tcp: tcpOnly,
      udp_port: await freePort('udp'),
      use_external_ip: false,
      node_ip: '127.0.0.1',
      interfaces: { includes: ['lo'] },
      enable_loopback_candidate: true,
      stun_servers: ['127.0.0.1:3478'],
    },
  };
}

async function untilItAnswers(child: ChildProcess, port: number): Promise<void> {
  // The first event is the server's end, if it comes before an answer does.
  const ended = Promise.race([
    once(child, 'exit').then(([code]) => `it ended with code ${String(code)}`),
    once(child, 'error').then(([error]) => String(error)),
  ]);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (await isUp(port)) return;
    const end = await Promise.race([ended, sleep(50)]);
    if (end !== undefined) throw new Error(end);
  }
  throw new Error(`no answer within ${START_TIMEOUT_MS} ms`);
}

function isUp(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

/** The first signal makes the server wait for its rooms to empty; a second, unlike one ends it. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  child.kill('SIGINT');
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await gone;
  clearTimeout(patience);
}
