import type { Milliseconds } from '../../operators/types.js';

const TIMEOUT: Milliseconds = 5_000;

/**
 * Asks LiveKit's server API for its rooms without a token, which LiveKit alone refuses as it does.
 *
 * @throws TypeError of fetch, with the reason as its cause; a TimeoutError after 5 s.
 */
export function askLiveKit(url: string): Promise<Response> {
  const address = `${url.replace(/^ws/, 'http').replace(/\/+$/, '')}/twirp/livekit.RoomService/ListRooms`;
  return fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT),
  });
}
