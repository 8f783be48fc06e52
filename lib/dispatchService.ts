import { AgentDispatchClient } from 'livekit-server-sdk';
import type { LiveKitSettings } from './config.js';

/**
 * LiveKit's dispatches of agents to rooms.
 *
 * @param timeout seconds after which a request has failed.
 */
export function createDispatchService(
  { httpUrl, apiKey, apiSecret }: LiveKitSettings,
  timeout: number,
): AgentDispatchClient {
  return new AgentDispatchClient(httpUrl, apiKey, apiSecret, { requestTimeout: timeout });
}
