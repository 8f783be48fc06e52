import { randomUUID } from 'node:crypto';
import { RoomServiceClient } from 'livekit-server-sdk';
import { MediaBotClient } from '../client/client.js';
import { toClientError } from '../client/clientError.js';
import { ok, type Outcome, wrong } from './finding.js';
import { type Patient, roomOf } from './patient.js';

/** Whether a worker takes dispatches: sees the bot come into a room of its own, and removes that. */
export async function checkAgent(patient: Patient): Promise<Outcome> {
  const { url, apiKey, apiSecret, agentName, within } = patient;
  const room = roomOf('agent', randomUUID());
  try {
    const { bot } = await new MediaBotClient({ ...patient, room }).dispatch({ within });
    return ok(`${bot} has come`);
  } catch (error) {
    const advice = `see the workers' log and /readyz, and their MEDIA_BOT_AGENT_NAME: ${agentName}?`;
    return wrong(toClientError(error, 'dispatch').message, advice);
  } finally {
    const rooms = new RoomServiceClient(url, apiKey, apiSecret);
    await rooms.deleteRoom(room).catch(() => undefined);
  }
}
