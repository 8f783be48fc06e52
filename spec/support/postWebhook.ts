import { createHash } from 'node:crypto';
import { AccessToken } from 'livekit-server-sdk';
import type { ServerAccess } from '../../demo/participants/mintToken.js';

/** A webhook as LiveKit sends it. */
export interface Webhook {
  readonly body: string;
  /** The signature of the body. */
  readonly authorization?: string;
}

/** A webhook with this body, signed as LiveKit does. */
export async function signWebhook(
  { apiKey, apiSecret }: Pick<ServerAccess, 'apiKey' | 'apiSecret'>,
  body: string,
  ttl: number | string = '5m',
): Promise<Required<Webhook>> {
  const token = new AccessToken(apiKey, apiSecret, { ttl });
  token.sha256 = createHash('sha256').update(body).digest('base64');
  return { body, authorization: await token.toJwt() };
}

/** Sends a webhook to a port of this machine; resolves with the status of the answer. */
export async function postWebhook(port: number, { body, authorization }: Webhook): Promise<number> {
  const headers = {
    'content-type': 'application/webhook+json',
    ...(authorization !== undefined && { authorization }),
  };
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body });
  await response.text();
  return response.status;
}
