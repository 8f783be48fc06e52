import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { catchError, from, type Observable, of } from 'rxjs';
import { firstWithin } from '../../../demo/firstWithin.js';
import { SttError } from '../../../operators/sttError.js';
import {
  type ElevenLabsEvent,
  fromElevenLabsSocket,
} from '../../../streams/stt/elevenlabsSocket.js';

const SOON = 20_000;
/** RFC 6455, 1.3: what a handshake's answer is made of. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A server that agrees to every handshake, and to nothing else. */
function accept({ headers }: IncomingMessage, socket: Socket): void {
  const key = createHash('sha1').update(`${headers['sec-websocket-key'] ?? ''}${GUID}`);
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${key.digest('base64')}\r\n\r\n`,
  );
}

/** The code of a close frame of a client (RFC 6455, 5.2 and 5.5.1), if the bytes end with one. */
function closeCode(bytes: Buffer): number | undefined {
  const frame = bytes.subarray(-8);
  if (frame[0] !== 0x88 || frame[1] !== 0x82) return undefined;
  const [mask, code] = [frame.readUInt16BE(2), frame.readUInt16BE(6)];
  return mask ^ code;
}

describe('fromElevenLabsSocket', () => {
  let server: Server;
  let connected: Promise<Socket>;
  let answer: (request: IncomingMessage, socket: Socket) => void;
  let sockets: Socket[];
  let address: URL;

  beforeEach(async () => {
    [answer, sockets] = [accept, []];
    server = createServer().listen(0, '127.0.0.1');
    server.on('connection', (socket: Socket) => sockets.push(socket));
    connected = new Promise((resolve) => {
      server.once('upgrade', (request: IncomingMessage, socket: Socket) => {
        answer(request, socket);
        resolve(socket);
      });
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    address = new URL(`ws://127.0.0.1:${port}`);
  });
  afterEach(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });

  const events = (handshakeTimeout: number): Observable<ElevenLabsEvent> =>
    fromElevenLabsSocket(address, 'key', handshakeTimeout);

  it('should say goodbye when it is unsubscribed, and not wait for the answer', async () => {
    // Whoever has the first value unsubscribes.
    expect(await firstWithin(events(SOON), SOON, 'a connection')).to.include({ type: 'open' });
    const received = buffer(await connected);
    expect(closeCode(await firstWithin(from(received), SOON, 'the end'))).to.equal(1000);
  });

  it('should call for a retry where the handshake is not answered', async () => {
    answer = () => undefined;
    const failure = events(500).pipe(catchError((error: unknown) => of(error)));
    const error = await firstWithin(failure, SOON, 'a failure');
    expect(error).to.be.instanceOf(SttError).with.property('kind', 'retry');
  });
});
