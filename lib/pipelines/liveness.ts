import { filter, map, type Observable, of, switchMap, throttleTime } from 'rxjs';
import { BOT_ATTRIBUTES, PING_TOPIC } from '../../operators/botAttributes.js';
import type { Milliseconds } from '../../operators/types.js';
import { fromServerData } from '../../streams/fromServerData.js';
import type { TargetDeps } from './target.js';
import { toOwnAttributes } from './toOwnAttributes.js';

/** What is repeated as an attribute: a UUID, and no more than that. */
const NONCE = /^[\w-]{1,64}$/;

const PACE: Milliseconds = 100;

/**
 * Answers whoever asks through the server API whether this bot is alive, by its own attribute
 * `media-bot.alive`. Emits nothing.
 *
 *     pings       --a-----bcd-----
 *     attributes  ---a-----b-d----
 *
 * Of questions within a tenth of a second the first and the last are answered: nobody who can send
 * them shall keep this process and the server busy.
 */
export function liveness(
  deps: Pick<TargetDeps, 'room' | 'api' | 'roomName' | 'identity' | 'logger'>,
): Observable<never> {
  return fromServerData(deps.room, PING_TOPIC).pipe(
    map((data) => new TextDecoder().decode(data)),
    filter((nonce) => NONCE.test(nonce)),
    throttleTime(PACE, undefined, { leading: true, trailing: true }),
    switchMap((nonce) =>
      of({ [BOT_ATTRIBUTES.alive]: nonce }).pipe(toOwnAttributes(deps, 'sign of life not written')),
    ),
  );
}
