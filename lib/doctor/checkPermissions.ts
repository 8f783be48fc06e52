import { randomUUID } from 'node:crypto';
import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import { toClientError } from '../client/clientError.js';
import { ok, type Outcome, wrong } from './finding.js';
import { type Patient, roomOf } from './patient.js';

/** In the room of the check. */
const NOBODY = 'nobody';
/** Should this process be killed: seconds after which the server closes the room by itself. */
const EMPTY_ROOM_SECONDS = 60;

/**
 * Whether the key may do what the bot and a Call Service ask for, in a room of its own.
 * UpdateSubscriptions, which takes somebody in the room, needs the same grant as UpdateParticipant.
 */
export async function checkPermissions({ url, apiKey, apiSecret }: Patient): Promise<Outcome> {
  const rooms = new RoomServiceClient(url, apiKey, apiSecret);
  const dispatches = new AgentDispatchClient(url, apiKey, apiSecret);
  const room = roomOf('permissions', randomUUID());
  const requests: Readonly<Record<string, () => Promise<unknown>>> = {
    CreateRoom: () => rooms.createRoom({ name: room, emptyTimeout: EMPTY_ROOM_SECONDS }),
    ListParticipants: () => rooms.listParticipants(room),
    GetParticipant: () => rooms.getParticipant(room, NOBODY),
    UpdateParticipant: () => rooms.updateParticipant(room, NOBODY, { attributes: {} }),
    ListDispatch: () => dispatches.listDispatch(room),
    DeleteRoom: () => rooms.deleteRoom(room),
  };
  const problems: string[] = [];
  for (const [method, request] of Object.entries(requests)) {
    await request().catch((error: unknown) => {
      const failure = toClientError(error, method);
      // That nobody is there is said only to who may ask.
      if (failure.code !== 'ERR_NOT_FOUND') problems.push(failure.message);
    });
  }
  if (problems.length === 0) return ok(Object.keys(requests).join(', '));
  const advice = 'see what stands between: a proxy, or a LiveKit that is not whole';
  return wrong(problems.join('; '), advice);
}
