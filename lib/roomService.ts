import { RoomServiceClient } from 'livekit-server-sdk';
import type { LiveKitSettings } from './config.js';

/**
 * The server API of LiveKit.
 *
 * @param timeout seconds after which a request has failed.
 */
export function createRoomService(
  { httpUrl, apiKey, apiSecret }: LiveKitSettings,
  timeout: number,
): RoomServiceClient {
  return new RoomServiceClient(httpUrl, apiKey, apiSecret, { requestTimeout: timeout });
}
