import {
  ContinualGatheringPolicy,
  IceServer,
  IceTransportType,
  type RtcConfiguration,
} from '@livekit/rtc-node';
import type { Settings } from './config.js';

/** Never answered, which asks nobody: an empty list would mean the LiveKit server's own. */
const NO_ICE_SERVER = 'stun:127.0.0.1:9';

/**
 * How a room is connected to where STUN and TURN servers are set; `undefined` leaves it to LiveKit.
 * A value out of range in here ends the process inside the native library.
 */
export function rtcConfiguration({ iceServers }: Settings): RtcConfiguration | undefined {
  if (iceServers === undefined) return undefined;
  const urls = iceServers === 'none' ? [NO_ICE_SERVER] : [...iceServers];
  return {
    iceTransportType: IceTransportType.TRANSPORT_ALL,
    continualGatheringPolicy: ContinualGatheringPolicy.GATHER_CONTINUALLY,
    iceServers: [new IceServer({ urls })],
  };
}
