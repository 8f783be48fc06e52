import { parseCommand } from './parseCommand.js';
import { refuseCommand, type TargetTraits } from './refuseCommand.js';
import type { Attributes } from './types.js';

/** An answer after which a hold with the same command id is over, or never was one. */
const OVER = ['stopped', 'ended'];

/**
 * Whether a target's whole attribute map asks for hold. A map that may not be obeyed, or cannot
 * be understood, leaves things as they are.
 *
 * | newest command | held |
 * | --- | --- |
 * | `play` in a loop, not answered `stopped` or `ended` | yes |
 * | refused or invalid | as before |
 * | `play` once, `stop`, deleted, none | no |
 *
 * @param before whether the target is held already.
 */
export function holdWanted(attributes: Attributes, target: TargetTraits, before: boolean): boolean {
  const command = parseCommand(attributes);
  if (refuseCommand(command, target) !== undefined) return before;
  if (command.verb !== 'play' || !command.loop) return false;
  const answered = attributes['media.status_command_id'] === command.id;
  return !(answered && OVER.includes(attributes['media.status'] ?? ''));
}
