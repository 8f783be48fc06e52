import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RoomServiceClient, ServerError } from 'livekit-server-sdk';
import type { Attributes, Milliseconds } from '../../operators/types.js';
import type { SeenAttributes } from './seenAttributes.js';

/** A warm bot has answered after some 80 ms. */
const FIRST_PAUSE: Milliseconds = 50;
/** For a cold asset or a late bot: three requests a second are no load. */
const LONGEST_PAUSE: Milliseconds = 400;

/**
 * Somebody's attributes, asked for again and again with pauses of 50 ms, 100 ms … up to 400 ms.
 *
 * Reading acts on nothing, so a server that is away for a moment is asked again.
 *
 * @throws ServerError when the server refuses, or says that nobody of that identity is there.
 */
export function pollAttributes(
  rooms: Pick<RoomServiceClient, 'getParticipant'>,
  room: string,
): SeenAttributes {
  const ask = async (identity: string): Promise<Attributes | undefined> => {
    try {
      const { attributes } = await rooms.getParticipant(room, identity);
      return attributes;
    } catch (error) {
      if (error instanceof ServerError && error.status < 500) throw error;
      return undefined;
    }
  };
  return async function* (identity, signal) {
    const aborted = once(signal, 'abort').then(() => undefined);
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const attributes = await Promise.race([ask(identity), aborted]);
      if (attributes !== undefined) yield attributes;
      await sleep(pause, undefined, { signal });
    }
  };
}
