import { ok, type Outcome, wrong } from './finding.js';
import { isIceServerThere } from './isIceServerThere.js';
import { type Patient, settingsOf } from './patient.js';

/**
 * Whether the STUN servers of the settings answer. TURN servers need credentials, for which the
 * setting has no place, and without which the native library joins no room at all.
 */
export async function checkIce(patient: Patient): Promise<Outcome> {
  const addresses = settingsOf(patient)?.iceServers;
  if (addresses === undefined) return ok("LiveKit's own list is used: see media");
  if (addresses === 'none') return ok('none is asked: see media');
  const turn = addresses.filter((address) => address.startsWith('turn'));
  if (turn.length > 0) {
    const detail = `${turn.join(', ')} without credentials: no room can be joined`;
    return wrong(detail, "leave TURN to LiveKit's own list, and name stun: servers alone");
  }
  const answers = await Promise.all(addresses.map(isIceServerThere));
  const silent = addresses.filter((_, index) => !answers[index]);
  if (silent.length === 0) return ok(`${addresses.join(', ')} answer`);
  return wrong(`no answer from ${silent.join(', ')}`, 'correct MEDIA_BOT_ICE_SERVERS');
}
