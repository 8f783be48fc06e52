import { lookup } from 'node:dns/promises';
import { ok, type Outcome, wrong } from './finding.js';
import type { Patient } from './patient.js';

/** Whether LiveKit's address is one, and the name in it can be resolved. */
export async function checkName({ url }: Patient): Promise<Outcome> {
  const address = URL.parse(url);
  if (address === null || !/^(ws|http)s?:$/.test(address.protocol)) {
    return wrong('LIVEKIT_URL is no ws, wss, http or https address', 'give --url or LIVEKIT_URL');
  }
  const host = address.hostname.replace(/^\[|\]$/g, '');
  try {
    const found = await lookup(host, { all: true });
    return ok(`${host} is ${found.map((it) => it.address).join(', ')}`);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return wrong(
      `${host} cannot be resolved: ${code}`,
      'correct the name, or the DNS of this machine',
    );
  }
}
