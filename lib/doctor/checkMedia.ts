import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Room } from '@livekit/rtc-node';
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import type { Milliseconds } from '../../operators/types.js';
import { rtcConfiguration } from '../rtcConfiguration.js';
import { ok, type Outcome, wrong } from './finding.js';
import { type Patient, roomOf, settingsOf } from './patient.js';

/** The native library gives up by itself, but later. */
const DEADLINE: Milliseconds = 15_000;
const OPEN_UDP =
  "open LiveKit's UDP ports (rtc.udp_port or port_range_start to _end), and see to rtc.node_ip";

/** Whether media connects, and by UDP: joins a room of its own as the bot would, and looks. */
export async function checkMedia(patient: Patient): Promise<Outcome> {
  const { url, apiKey, apiSecret } = patient;
  const name = roomOf('media', randomUUID());
  const room = new Room();
  try {
    const transport = await Promise.race([
      transportOf(room, name, patient),
      sleep(DEADLINE, undefined, { ref: false }),
    ]);
    if (transport === 'udp') return ok('connects by UDP');
    if (transport === undefined) return wrong('does not connect, by UDP or TCP', OPEN_UDP);
    if (transport instanceof Error)
      return wrong(`does not connect: ${transport.message}`, OPEN_UDP);
    return wrong('falls back to TCP: sound breaks off where packets are lost', OPEN_UDP);
  } finally {
    await room.disconnect().catch(() => undefined);
    const rooms = new RoomServiceClient(url, apiKey, apiSecret);
    // Closed by the server already, where nobody was in it.
    await rooms.deleteRoom(name).catch(() => undefined);
  }
}

/** Protocol of the chosen pair of ICE candidates; an error, or nothing, where none was chosen. */
async function transportOf(
  room: Room,
  name: string,
  { url, apiKey, apiSecret, ...patient }: Patient,
): Promise<string | Error | undefined> {
  const token = new AccessToken(apiKey, apiSecret, { identity: `doctor-${randomUUID()}` });
  token.kind = 'agent';
  token.addGrant({ room: name, roomJoin: true, canPublishData: true });
  const settings = settingsOf({ url, apiKey, apiSecret, ...patient });
  const rtcConfig = settings && rtcConfiguration(settings);
  try {
    await room.connect(url.replace(/^http/, 'ws'), await token.toJwt(), {
      autoSubscribe: false,
      dynacast: false,
      ...(rtcConfig && { rtcConfig }),
    });
    // The bot's own direction is connected when there is something to send.
    await room.localParticipant?.publishData(new Uint8Array(1), { reliable: true });
  } catch (error) {
    return error as Error;
  }
  const { publisherStats } = await room.getRtcStats();
  const stats = publisherStats.map((it) => it.stats);
  const pair = stats.find(
    (it) => it.case === 'candidatePair' && it.value.candidatePair?.nominated === true,
  );
  const chosen = pair?.case === 'candidatePair' ? pair.value.candidatePair?.remoteCandidateId : '';
  const candidate = stats.find(
    (it) => it.case === 'remoteCandidate' && it.value.rtc?.id === chosen,
  );
  return candidate?.case === 'remoteCandidate' ? candidate.value.candidate?.protocol : undefined;
}
