import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below what Linux, macOS and Windows give to outgoing connections (32768 and up), one of which
 * could else take the port before it is listened on.
 */
const LOWEST = 20_000;
/** One for each process of `mocha --parallel`: it may be seconds before a port is listened on. */
const RANGES = 4;
const COUNT = 3_000;
const RANGE = Number(process.env.MOCHA_WORKER_ID ?? 0) % RANGES;

const given = new Set<number>();

/** A port of the loopback interface on which nobody listens; never the same one in a process. */
export async function freePort(kind: 'tcp' | 'udp' = 'tcp'): Promise<number> {
  for (;;) {
    const port = LOWEST + RANGE * COUNT + Math.floor(COUNT * Math.random());
    if (given.has(port)) continue;
    given.add(port);
    if (await (kind === 'tcp' ? isFreeTcp(port) : isFreeUdp(port))) return port;
  }
}

async function isFreeTcp(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1');
  return isFree(once(probe, 'listening'), () => once(probe.close(), 'close'));
}

async function isFreeUdp(port: number): Promise<boolean> {
  const probe = createSocket('udp4').bind(port, '127.0.0.1');
  return isFree(once(probe, 'listening'), () => once(probe.close(), 'close'));
}

async function isFree(bound: Promise<unknown>, close: () => Promise<unknown>): Promise<boolean> {
  try {
    await bound;
    await close();
    return true;
  } catch {
    return false;
  }
}
