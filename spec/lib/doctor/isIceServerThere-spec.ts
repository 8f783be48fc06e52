import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'chai';
import { freePort } from '../../../demo/freePort.js';
import { isIceServerThere } from '../../../lib/doctor/isIceServerThere.js';

describe('isIceServerThere', () => {
  /** A server on UDP that answers each request so. */
  const answering = async (answer: (request: Buffer) => Buffer) => {
    const socket = createSocket('udp4');
    socket.on('message', (request, { port, address }) => {
      socket.send(answer(request), port, address);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const address = `stun:127.0.0.1:${socket.address().port}`;
    return isIceServerThere(address).finally(() => socket.close());
  };
  const success = (request: Buffer) => {
    const answer = Buffer.from(request);
    answer.writeUInt16BE(0x0101, 0);
    return answer;
  };

  it('should ask for a binding, as RFC 8489 has it', async () => {
    const requests: string[] = [];
    const isThere = await answering((request) => {
      requests.push(request.toString('hex'));
      return success(request);
    });
    expect(isThere).to.equal(true);
    expect(requests[0]).to.match(/^000100002112a442[\da-f]{24}$/);
  });

  it('should take nothing else for the answer', async () => {
    const other = (request: Buffer) => {
      const answer = success(request);
      answer.writeUInt8(request.readUInt8(19) ^ 1, 19);
      return answer;
    };
    const [echoed, mistaken] = await Promise.all([answering((it) => it), answering(other)]);
    expect([echoed, mistaken]).to.deep.equal([false, false]);
  });

  it('should connect where TCP or TLS is asked for', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const closed = await freePort();
    const addresses = [
      `stun:127.0.0.1:${port}?transport=tcp`,
      `stuns:127.0.0.1:${port}`,
      `stun:127.0.0.1:${closed}?transport=tcp`,
      `stun:127.0.0.1:${closed}`,
      'stun:nowhere.invalid',
    ];
    expect(await Promise.all(addresses.map(isIceServerThere))).to.deep.equal([
      ...[true, true, false, false, false],
    ]);
    server.close();
  });
});
