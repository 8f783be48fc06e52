import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Observable, ReplaySubject } from 'rxjs';

/** A wire between a participant and the signal port of a LiveKit server; media does not pass it. */
export interface SignalProxy {
  /** Signal address to use instead of the server's own. */
  readonly url: string;
  /** Emits for each connection that was refused so far, then for those that will be. */
  readonly refusals: Observable<undefined>;
  /** Tears every connection, and refuses new ones until `restore`. */
  readonly cut: () => void;
  readonly restore: () => void;
  readonly close: () => Promise<void>;
}

/**
 * Opens a proxy on the loopback interface, in front of a server that is there too.
 *
 * @param released before that, nothing comes through; at once when missing.
 */
export async function openSignalProxy(
  serverUrl: string,
  released: Promise<void> = Promise.resolve(),
): Promise<SignalProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let isCut = false;
  const refusals = new ReplaySubject<undefined>(Infinity);
  const hold = (socket: Socket) => {
    sockets.add(socket);
    // A torn wire is what it is for.
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((client) => {
    if (isCut) {
      refusals.next(undefined);
      return void hold(client).destroy();
    }
    const upstream = hold(connect(Number(port), hostname));
    hold(client);
    void released.then(() => client.pipe(upstream).pipe(client));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const tear = () => sockets.forEach((socket) => socket.destroy());
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refusals,
    cut: () => {
      isCut = true;
      tear();
    },
    restore: () => void (isCut = false),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      tear();
      await closed;
    },
  };
}
