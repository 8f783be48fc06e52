import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below what Linux, macOS and Windows give to outgoing connections (32768 and up), one of which
 * could else take the port before it is listened on.
 */
const LOWEST = 20_000;
const COUNT = 12_000;

/** A port of the loopback interface on which nobody listens at this moment. */
export async function freePort(kind: 'tcp' | 'udp' = 'tcp'): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(COUNT * Math.random());
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
