import { RoomServiceClient } from 'livekit-server-sdk';
import { toClientError } from '../client/clientError.js';
import { ok, type Outcome, wrong } from './finding.js';
import type { Patient } from './patient.js';

/** Whether LiveKit takes the key and its secret. */
export async function checkKeys({ url, apiKey, apiSecret }: Patient): Promise<Outcome> {
  try {
    const rooms = await new RoomServiceClient(url, apiKey, apiSecret).listRooms();
    return ok(`LiveKit takes them; it has ${rooms.length} rooms`);
  } catch (error) {
    const { message } = toClientError(error, 'ListRooms');
    return wrong(message, "take key and secret from LiveKit's own configuration");
  }
}
