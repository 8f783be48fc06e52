import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ServerMessage, WorkerMessage } from '@livekit/protocol';
import { ReplaySubject } from 'rxjs';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

/** Stands between a worker and a LiveKit server. */
export interface AgentProxy {
  readonly agentUrl: string;
  /** What the worker has said so far, then what it says. */
  readonly said: ReplaySubject<WorkerMessage['message']>;
  /** Messages of this kind from the server are lost on the way. */
  lose: ServerMessage['message']['case'];
  /** Cuts the connections there are; the worker may come back. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
}

/** Opens a proxy on the loopback interface that passes everything on and keeps what was said. */
export async function openAgentProxy(agentUrl: string): Promise<AgentProxy> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy: AgentProxy = {
    agentUrl: `ws://127.0.0.1:${port}`,
    said: new ReplaySubject(Infinity),
    lose: undefined,
    cut: () => server.clients.forEach((client) => client.terminate()),
    close: async () => {
      proxy.cut();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('connection', (worker, { headers }) => {
    const livekit = new WebSocket(agentUrl, {
      headers: { Authorization: headers.authorization },
    });
    const open = once(livekit, 'open');
    worker.on('message', (data: Buffer) => {
      proxy.said.next(WorkerMessage.fromBinary(data).message);
      void open.then(() => livekit.send(data));
    });
    livekit.on('message', (data: RawData) => {
      const { message } = ServerMessage.fromBinary(data as Buffer);
      if (message.case !== proxy.lose || message.case === undefined) worker.send(data);
    });
    worker.on('close', () => livekit.close());
    livekit.on('close', () => worker.terminate());
  });
  return proxy;
}
