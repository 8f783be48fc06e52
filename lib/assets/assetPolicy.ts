import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { MediaError } from '../../operators/mediaError.js';
import type { AssetPolicy } from '../../streams/fromAsset.js';

/** What IANA has allotted of IPv6; outside lie all the forms that embed an IPv4 address but 6to4. */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];
/** Public by its number, yet Azure answers it inside the virtual machine, with its secrets. */
const METADATA: ReadonlySet<string> = new Set(['168.63.129.16']);

function isPublic(address: string): boolean {
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast' || METADATA.has(parsed.toString())) return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST);
}

const refusal = (text: string) => new MediaError('asset_refused', text);

/**
 * Where assets may be fetched: HTTPS, public addresses, no credentials; and the listed origins.
 *
 * Everything that is not global unicast is refused: private, loopback, link-local, carrier grade
 * NAT, metadata services, multicast, documentation, and IPv6 forms that stand for an IPv4 address
 * (mapped, compatible, NAT64, 6to4, Teredo). Decimal, octal and hexadecimal forms of an IPv4 address
 * are plain ones by then, for `URL` has read them.
 *
 * @param origins exempt from scheme and address rules (not from the one on credentials), by exact
 *   origin: `http://127.0.0.1:9000`. Setting `MEDIA_BOT_ASSET_ORIGINS`.
 */
export function createAssetPolicy(origins: readonly string[]): AssetPolicy {
  const exempt = new Set(origins.map((origin) => new URL(origin).origin));
  const checkAddress = (url: URL, address: string) => {
    if (exempt.has(url.origin) || (isIP(address) !== 0 && isPublic(address))) return;
    throw refusal(`${url.host} is not at a public address`);
  };
  const checkUrl = (url: URL) => {
    if (url.username !== '' || url.password !== '') throw refusal('credentials in an address');
    if (exempt.has(url.origin)) return;
    if (url.protocol !== 'https:') throw refusal(`${url.protocol} is not https:`);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) checkAddress(url, host);
  };
  return { checkUrl, checkAddress };
}
