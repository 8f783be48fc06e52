import { parseCommand } from './parseCommand.js';
import type { Attributes, ExecutedCommand, PlayCommand } from './types.js';

/** What an earlier bot left on a target, and what follows from it. */
export interface Recall {
  /** The last command that is done; `undefined` where the newest one shall be executed. */
  readonly executed: ExecutedCommand | undefined;
  /** The newest command, where it has drained: whoever saw it may not have lived to close the room. */
  readonly drainedBefore: PlayCommand | undefined;
}

const NOTHING: Recall = { executed: undefined, drainedBefore: undefined };

/**
 * The restart table: what a fresh bot makes of the answer it finds on a target.
 *
 * | answer to the newest command | then |
 * | --- | --- |
 * | `playing` | play again from the start, looping or not |
 * | `ended` | never again, but check once more whether the room shall be closed |
 * | `stopped` | nothing |
 * | `failed` | one new try for hold music, nothing for a single shot |
 * | none, or to another command | execute the newest command |
 */
export function recallCommand(attributes: Attributes): Recall {
  const id = attributes['media.status_command_id'];
  const status = attributes['media.status'];
  if (id === undefined || status === undefined) return NOTHING;
  const command = parseCommand(attributes);
  const again = command.verb === 'play' && command.id === id;
  const retry = again && (status === 'playing' || (status === 'failed' && command.loop));
  return {
    executed: retry ? undefined : { id, verb: status === 'stopped' ? 'stop' : 'play' },
    drainedBefore: again && status === 'ended' ? command : undefined,
  };
}
