import { BOT_ATTRIBUTES } from './botAttributes.js';
import type { RoomBot } from './botRivals.js';
import type { Command } from './types.js';

/**
 * What a bot does beside another one in its room:
 *
 * - `alone`: everything; whoever else there is relieves it no more than it relieves them, yet.
 * - `arriving`: it relieves a bot that still does everything. It plays what loops, isolates and
 *   listens, which is no harm when two do it, and leaves alone what is played once.
 * - `sharing`: it has told that bot to stop. What that one still plays once is left to it.
 * - `yielding`: it is relieved. It finishes what it plays once, and what it has begun to transcribe.
 */
export type HandoverDuty = 'alone' | 'arriving' | 'sharing' | 'yielding';

/** A media bot in a room, as far as handover goes. */
export type HandoverBot = Pick<RoomBot, 'identity' | 'attributes'>;

/**
 * What a bot has to do, by the attributes of its own participant and of the other bots.
 *
 * @see contract, "Handover".
 */
export function handoverDuty(self: HandoverBot, others: readonly HandoverBot[]): HandoverDuty {
  const isReady = ({ attributes }: HandoverBot) => attributes[BOT_ATTRIBUTES.ready] === 'true';
  if (others.some((bot) => relieves(bot, self) && isReady(bot))) return 'yielding';
  if (!others.some((bot) => relieves(self, bot))) return 'alone';
  return isReady(self) ? 'sharing' : 'arriving';
}

/** Whether a bot is in the room to relieve the other. */
export const relieves = ({ attributes }: HandoverBot, { identity }: HandoverBot): boolean =>
  attributes[BOT_ATTRIBUTES.relieves] === identity;

/** A target's newest command, and whether this bot sees to it. */
export interface OwnedCommand {
  readonly command: Command;
  readonly isOwn: boolean;
}

const isSame = (a: Command, b: Command): boolean => a.id === b.id && a.verb === b.verb;
const isSingleShot = (command: Command): boolean => command.verb === 'play' && !command.loop;

/**
 * Whether a target's newest command is this bot's to see to: never is one that is played once seen
 * to by two, nor one that loops by none.
 *
 * @param before what was decided last for the same target.
 */
export function ownCommand(
  command: Command,
  duty: HandoverDuty,
  before: OwnedCommand | undefined,
): boolean {
  if (duty === 'alone') return true;
  // It changes nothing of what is playing.
  if (command.verb === 'invalid') return before?.isOwn ?? duty !== 'yielding';
  if (duty === 'arriving') return !isSingleShot(command);
  const isOld = before !== undefined && isSame(before.command, command);
  if (duty === 'sharing')
    return isOld ? before.isOwn : before !== undefined || !isSingleShot(command);
  return isOld && before.isOwn && isSingleShot(command);
}
