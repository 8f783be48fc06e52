import type { AssetServer } from '../assetServer.js';
import type { CallService } from '../callService.js';
import type { Command } from './requests.js';

/** A bot that is in the room is seen at once. */
const BOT_WITHIN_MS = 1_000;

/**
 * Does what a button of the Call Service is for.
 *
 * @throws Error in words for a person, where whoever is commanded is not in the room.
 */
export async function carryOut(
  call: CallService,
  assets: AssetServer,
  command: Command,
): Promise<void> {
  if ('target' in command) await mustBeThere(call, command.target);
  const play = (target: string, name: string, how: { loop?: boolean; onEnd?: 'keep' } = {}) =>
    call.play(target, { url: assets.urlOf(`${name}.mp3`), ...how });
  switch (command.do) {
    case 'hold':
      await play(command.target, 'hold-music', { loop: true });
      return;
    case 'unhold':
      await call.stop(command.target);
      return;
    case 'ringback':
      // It may be answered late: a room that closed after two rings would be no use.
      await play(command.target, 'ringback', { onEnd: 'keep' });
      return;
    case 'busy':
      await play(command.target, 'busy');
      return;
    case 'dispatch':
      await call.dispatchBot();
      return;
    case 'transcribe':
      return transcribe(call, command.enabled, command.language);
  }
}

async function mustBeThere({ rooms, room }: CallService, target: string): Promise<void> {
  const people = await rooms.listParticipants(room);
  if (people.some(({ identity }) => identity === target)) return;
  throw new Error(`The ${target} is not in the call.`);
}

async function transcribe(call: CallService, enabled: boolean, language = ''): Promise<void> {
  const bot = await call.botJoined(BOT_WITHIN_MS).catch((cause: unknown) => {
    throw new Error('The bot is not in the room yet.', { cause });
  });
  await call.transcribe(bot, { enabled, language });
}
