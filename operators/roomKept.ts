import { parseCommand } from './parseCommand.js';
import type { Attributes, PlayCommand } from './types.js';

const isHeld = (attributes: Attributes): boolean => attributes['media.held'] === 'true';

/** Playing, about to play, or on hold, whether or not the hold music could be had. */
const isBusy = (attributes: Attributes): boolean => {
  const command = parseCommand(attributes);
  if (command.verb !== 'play') return isHeld(attributes);
  const answered = attributes['media.status_command_id'] === command.id;
  const status = attributes['media.status'];
  return (
    isHeld(attributes) || !answered || status === 'playing' || (command.loop && status === 'failed')
  );
};

/**
 * Why the room stays open after a single shot has drained; `undefined` where it shall be closed.
 *
 * @param command the single shot that has been heard to its end.
 * @param others attribute maps of every other human in the room whose answers the bot alone writes.
 */
export function roomKept(command: PlayCommand, others: readonly Attributes[]): string | undefined {
  if (command.onEnd === 'keep') return 'media.on_end is keep';
  return others.some(isBusy) ? 'another participant is held or playing' : undefined;
}
