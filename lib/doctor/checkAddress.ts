import { askLiveKit } from './askLiveKit.js';
import { ok, type Outcome, wrong } from './finding.js';
import type { Patient } from './patient.js';

const NO_LIVEKIT = 'give the address of the LiveKit server itself, or mend the proxy before it';

/** Whether LiveKit answers at its address. */
export async function checkAddress({ url }: Patient): Promise<Outcome> {
  try {
    const response = await askLiveKit(url);
    if (response.status === 401 && (await isTwirpRefusal(response))) {
      return ok(`${url} is a LiveKit server`);
    }
    return wrong(`${url} answers ${response.status}, and not as LiveKit does`, NO_LIVEKIT);
  } catch (error) {
    const reason = reasonOf(error);
    return wrong(`${url} cannot be reached: ${reason}`, adviceOn(reason));
  }
}

/** Twirp's form of an error, in which LiveKit's server API answers. */
async function isTwirpRefusal(response: Response): Promise<boolean> {
  const text = await response.text();
  return /"code":\s*"unauthenticated"/.test(text);
}

/** The innermost reason, by its code if it has one: fetch itself says only that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : error.message;
}

function adviceOn(reason: string): string {
  if (reason === 'ECONNREFUSED') return 'nothing listens there: start LiveKit, or correct the port';
  if (/CERT|SIGNATURE|SIGNED/.test(reason)) {
    return 'name a file with its authority in NODE_EXTRA_CA_CERTS and SSL_CERT_FILE';
  }
  if (/SSL|TLS|EPROTO/.test(reason)) return 'wss and https are for TLS, ws and http for none';
  return 'correct the address, or open the way to it: firewall, network policy, proxy';
}
