import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Milliseconds } from '../../operators/types.js';

const DEADLINE: Milliseconds = 2_000;
/** Datagrams get lost: how often it is asked before that. */
const ASK_AGAIN: Milliseconds = 500;
/** RFC 8489, 5: a Binding request, the answer to one, and what both have in front of their id. */
const BINDING_REQUEST = Buffer.from('000100002112a442', 'hex');
const BINDING_SUCCESS = 0x0101;
const ID_BYTES = 12;

/**
 * Whether a `stun:` or `stuns:` address answers: to a Binding request (RFC 8489), or where TCP or
 * TLS is asked for by taking a connection.
 */
export function isIceServerThere(address: string): Promise<boolean> {
  const [, scheme = '', host = '', port, transport = 'udp'] =
    /^(\w+):(.+?)(?::(\d+))?(?:\?transport=(\w+))?$/.exec(address) ?? [];
  const isSecure = scheme.endsWith('s');
  const number = Number(port ?? (isSecure ? 5349 : 3478));
  const name = host.replace(/^\[|\]$/g, '');
  return isSecure || transport === 'tcp' ? takesConnection(name, number) : answers(name, number);
}

function takesConnection(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: DEADLINE });
    const end = (isThere: boolean) => () => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', end(true)).once('timeout', end(false)).once('error', end(false));
  });
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const request = Buffer.concat([BINDING_REQUEST, randomBytes(ID_BYTES)]);
    // A name that is not known and a port that is closed are no answer either.
    const ask = () => socket.send(request, port, host, () => undefined);
    const end = (isThere: boolean) => {
      clearInterval(again);
      clearTimeout(deadline);
      socket.close();
      resolve(isThere);
    };
    const again = setInterval(ask, ASK_AGAIN);
    const deadline = setTimeout(() => end(false), DEADLINE);
    socket
      .on('error', () => undefined)
      .on('message', (answer) => {
        const isIts = answer.subarray(8, 20).equals(request.subarray(8));
        if (isIts && answer.readUInt16BE(0) === BINDING_SUCCESS) end(true);
      });
    ask();
  });
}
