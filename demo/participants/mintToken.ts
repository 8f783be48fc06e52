import { AccessToken, type VideoGrant } from 'livekit-server-sdk';

/** Where a LiveKit server is and who may act on it. */
export interface ServerAccess {
  /** Signal address: `ws://…` or `wss://…`. */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Who a token makes its bearer. */
export interface TokenRequest {
  readonly room: string;
  readonly identity: string;
  readonly name?: string;
  /** Kind of participant; `standard` when missing. Only the token makes an agent an agent. */
  readonly kind?: 'standard' | 'agent' | 'sip' | 'connector' | 'egress' | 'ingress';
  readonly attributes?: Readonly<Record<string, string>>;
  /**
   * Whether the bearer may change its own attributes, and so command its own playback. The server
   * takes a token that does not say so for `false`; so does this.
   */
  readonly canUpdateOwnMetadata?: boolean;
  /** Further grants, as they are. */
  readonly grants?: VideoGrant;
  /** For how long one can join with it, such as `1m`; an hour when missing. */
  readonly ttl?: string;
}

/** A token to join one room with. */
export async function mintToken(server: ServerAccess, request: TokenRequest): Promise<string> {
  const token = new AccessToken(server.apiKey, server.apiSecret, {
    identity: request.identity,
    name: request.name ?? request.identity,
    attributes: { ...request.attributes },
    ttl: request.ttl ?? '1h',
  });
  if (request.kind !== undefined) token.kind = request.kind;
  token.addGrant({
    room: request.room,
    roomJoin: true,
    canUpdateOwnMetadata: request.canUpdateOwnMetadata ?? false,
    ...request.grants,
  });
  return token.toJwt();
}
