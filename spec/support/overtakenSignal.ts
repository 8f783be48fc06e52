import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SignalRequest } from '@livekit/protocol';
import { type Observable, ReplaySubject } from 'rxjs';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

/** What a participant says to a LiveKit server. */
export type Said = SignalRequest['message'];

/** Stands between a participant and the signal port of a LiveKit server; media does not pass it. */
export interface OvertakenSignal {
  /** Signal address to use instead of the server's own. */
  readonly url: string;
  /** How many messages have been overtaken so far. */
  readonly overtaken: () => number;
  /** All that has come over it so far, then what comes; what is slow, too. */
  readonly said: Observable<Said>;
  readonly close: () => Promise<void>;
}

/**
 * Opens a wire on the loopback interface on which a message is overtaken by the next one of its
 * kind, as rtc-node's own may be, for its native part sends each in a task of its own.
 *
 * @param isSlow whether a message waits until the next one of its kind has passed.
 */
export async function openOvertakenSignal(
  serverUrl: string,
  isSlow: (said: Said) => boolean,
): Promise<OvertakenSignal> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const said$ = new ReplaySubject<Said>(Infinity);
  let overtaken = 0;
  server.on('connection', (participant, { headers, url }) => {
    const { authorization } = headers;
    const livekit = new WebSocket(`${serverUrl}${url}`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    const open = once(livekit, 'open');
    let slow: { readonly kind: Said['case']; readonly data: Buffer } | undefined;
    const pass = (data: Buffer) => void open.then(() => livekit.send(data));
    participant.on('message', (data: Buffer) => {
      const said = SignalRequest.fromBinary(data).message;
      said$.next(said);
      if (slow === undefined && isSlow(said)) {
        slow = { kind: said.case, data };
        return;
      }
      pass(data);
      if (slow === undefined || slow.kind !== said.case) return;
      pass(slow.data);
      slow = undefined;
      overtaken += 1;
    });
    livekit.on('message', (data: RawData) => participant.send(data));
    participant.on('close', () => livekit.close());
    livekit.on('close', () => participant.close());
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    overtaken: () => overtaken,
    said: said$,
    close: async () => {
      server.clients.forEach((client) => client.terminate());
      server.close();
      await once(server, 'close');
    },
  };
}
