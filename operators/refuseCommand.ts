import { MediaError } from './mediaError.js';
import type { Command } from './types.js';

/** What decides whether a participant may be a target. */
export interface TargetTraits {
  /** The kind of participant as LiveKit names it, for the error's text. */
  readonly kind: string;
  /** Somebody with ears: kind STANDARD, SIP or CONNECTOR. */
  readonly human: boolean;
  /** May write the attributes that command the bot. */
  readonly commandsItself: boolean;
}

/** Why a command is not carried out; `undefined` where it is. What is playing goes on either way. */
export function refuseCommand(command: Command, target: TargetTraits): MediaError | undefined {
  if (!target.human) {
    return new MediaError('invalid_command', `a participant of kind ${target.kind} hears nothing`);
  }
  if (target.commandsItself) {
    return new MediaError('forbidden', 'the target may change its own attributes');
  }
  return command.verb === 'invalid' ? new MediaError('invalid_command', command.reason) : undefined;
}
