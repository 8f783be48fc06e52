import { defer, filter, tap, type OperatorFunction } from 'rxjs';
import { AUTO_ID_PREFIX } from './parseCommand.js';
import type { Command, ExecutedCommand } from './types.js';

const NOTHING_EXECUTED: ExecutedCommand = { id: '', verb: 'stop' };

/**
 * Lets a command through once: the same map is seen again at every change of any attribute and
 * after every reconnect.
 *
 *     source  --A--A--B--B--A--        A, B: command ids
 *     result  --A-----B-----A--
 *
 * - An id is never executed twice in a row.
 * - A deletion passes while the last executed verb is `play`, whatever its id: keys persist, so
 *   it usually carries the id of the very play that it takes away.
 * - After a deletion the play's explicit id stays used up, but a play without an id plays again.
 * - An invalid command uses up its id and leaves alone what is playing.
 *
 * @param lastExecuted what an earlier bot has left in `media.status_command_id`, if anything.
 */
export function distinctByCommandId(
  lastExecuted: ExecutedCommand = NOTHING_EXECUTED,
): OperatorFunction<Command, Command> {
  return (source) =>
    defer(() => {
      let last = lastExecuted;
      return source.pipe(
        filter((command) => isNew(command, last)),
        tap((command) => (last = executed(command, last))),
      );
    });
}

function isNew(command: Command, last: ExecutedCommand): boolean {
  return isDeletion(command) ? last.verb === 'play' : command.id !== last.id;
}

function executed(command: Command, last: ExecutedCommand): ExecutedCommand {
  const usedUp = isDeletion(command) && isAuto(command.id) && !isAuto(last.id);
  return {
    id: usedUp ? last.id : command.id,
    verb: command.verb === 'invalid' ? last.verb : command.verb,
  };
}

const isDeletion = (command: Command) => command.verb === 'stop' && command.deleted;
const isAuto = (id: string) => id.startsWith(AUTO_ID_PREFIX);
