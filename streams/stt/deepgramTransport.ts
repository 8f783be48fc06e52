import type { IncomingMessage } from 'node:http';
import type { DeepgramTransport, DeepgramTransportMessage } from '@deepgram/sdk';
import WebSocket from 'ws';
import { SttError } from '../../operators/sttError.js';
import type { Milliseconds } from '../../operators/types.js';
import { refusedBy, unreachable } from './deepgramError.js';

/** RFC 6455, 7.4.1: the purpose of the connection has been fulfilled. */
export const NORMAL_CLOSURE = 1000;
/** RFC 6455, 7.4.1: this end is going away. */
export const GOING_AWAY = 1001;
/** A minute and more of audio that nobody takes: twice what the longest utterance is. */
const MAX_BUFFERED_BYTES = 2 * 2 ** 20;

const toMilliseconds = (seconds: string | undefined): Milliseconds | undefined =>
  Number(seconds) > 0 ? Number(seconds) * 1000 : undefined;

const toRefusal = ({ statusCode = 0, headers }: IncomingMessage): SttError => {
  const reason = headers['dg-error'];
  return refusedBy(statusCode, reason?.toString(), toMilliseconds(headers['retry-after']));
};

function send(socket: WebSocket, message: DeepgramTransportMessage): void {
  if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
    throw new SttError('retry', 'Deepgram does not take the audio');
  }
  socket.send(message);
}

/** After a normal closure it is the server's turn to close, as it does once it has finished. */
function close(socket: WebSocket, code: number | undefined, patience: Milliseconds): void {
  if (code !== NORMAL_CLOSURE) {
    socket.terminate();
    return;
  }
  const impatience = setTimeout(() => socket.terminate(), patience);
  socket.once('close', () => clearTimeout(impatience));
}

/**
 * The wire under the SDK: unlike the SDK's own, it tells with which HTTP status it was refused,
 * never reconnects, and closes at once, but for a normal closure.
 *
 * @param patience with the server, after a normal closure.
 */
export function openDeepgramTransport(
  url: string,
  headers: Record<string, string>,
  patience: Milliseconds,
): DeepgramTransport {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  // Its last words when it is given up while it connects; without a listener they would be thrown.
  socket.on('error', () => undefined);
  return {
    send: (message) => send(socket, message),
    onOpen: (listener) => void socket.on('open', listener),
    onMessage: (listener) => void socket.on('message', (data: Buffer) => listener(data.toString())),
    onError: (listener) => {
      socket.on('unexpected-response', (_, response) => listener(toRefusal(response)));
      socket.on('error', (error) => listener(unreachable(error)));
    },
    onClose: (listener) =>
      void socket.on('close', (code, reason) => listener({ code, reason: reason.toString() })),
    isOpen: () => socket.readyState === WebSocket.OPEN,
    close: (code) => close(socket, code, patience),
  };
}
