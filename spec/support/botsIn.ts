import { defer, filter, firstValueFrom, repeat } from 'rxjs';
import type { CallService } from '../../demo/callService.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { roomBots } from '../../streams/roomBots.js';

const BETWEEN_LOOKS = 100;

/** Identities of the media bots that are in a call's room now. */
export function botsIn({ rooms, room }: CallService): Promise<readonly string[]> {
  return firstValueFrom(roomBots(rooms, room, 'media-bot'), { defaultValue: [] });
}

/** Resolves with them as soon as they satisfy. */
export function botsWhen(
  service: CallService,
  satisfy: (bots: readonly string[]) => boolean,
  within: number,
): Promise<readonly string[]> {
  const bots = defer(() => botsIn(service)).pipe(repeat({ delay: BETWEEN_LOOKS }), filter(satisfy));
  return firstWithin(bots, within, 'the bots in the room');
}
