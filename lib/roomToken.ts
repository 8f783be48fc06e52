import { AccessToken } from 'livekit-server-sdk';
import type { Attributes } from '../operators/types.js';
import type { CallAssignment } from './callTypes.js';
import type { Settings } from './config.js';

/** The name under which people see the bot. */
export const PARTICIPANT_NAME = 'Media Bot';

/**
 * A token to join the room of a call with, as the same participant as before. The job's own is
 * valid for an hour only, and a room may last longer.
 *
 * @param attributes that the participant had, which the server forgets when it is lost.
 */
export function mintRoomToken(
  { identity, room }: CallAssignment,
  { livekit, agentName }: Settings,
  attributes: Attributes,
): Promise<string> {
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, {
    identity,
    name: PARTICIPANT_NAME,
    attributes: { ...attributes, 'lk.agent_name': agentName },
    ttl: '10m',
  });
  token.kind = 'agent';
  token.addGrant({
    room,
    roomJoin: true,
    agent: true,
    canPublish: true,
    canPublishData: true,
    canSubscribe: true,
    canUpdateOwnMetadata: true,
  });
  return token.toJwt();
}
