import { firstValueFrom } from 'rxjs';
import type { CallService } from '../../demo/callService.js';
import { roomBots } from '../../streams/roomBots.js';

/** Identities of the media bots that are in a call's room now. */
export function botsIn({ rooms, room }: CallService): Promise<readonly string[]> {
  return firstValueFrom(roomBots(rooms, room, 'media-bot'), { defaultValue: [] });
}
