import { BOT_ATTRIBUTES } from './botAttributes.js';
import type { Attributes } from './types.js';

/** A media bot in a room. */
export interface RoomBot {
  readonly identity: string;
  /** Of the participant: another one after each join. */
  readonly sid: string;
  readonly attributes: Attributes;
}

const relievedBy = ({ attributes }: RoomBot) => attributes[BOT_ATTRIBUTES.relieves];
const hasYielded = ({ attributes }: RoomBot) => Boolean(attributes[BOT_ATTRIBUTES.yielded]);

/** Whether a bot was sent to a room in which the other one was found dead. */
export const outlives = ({ attributes }: RoomBot, { identity }: RoomBot): boolean =>
  attributes[BOT_ATTRIBUTES.outlives]?.split(' ').includes(identity) ?? false;

/** Whether a bot relieves the other one, or one that does. */
function succeeds(bot: RoomBot, other: RoomBot, bots: readonly RoomBot[]): boolean {
  const relieved = relievedBy(bot);
  if (relieved === undefined) return false;
  if (relieved === other.identity) return true;
  // Without this bot, for two that claim to relieve each other must not be followed for ever.
  const rest = bots.filter((each) => each !== bot);
  return rest.some((each) => each.identity === relieved && succeeds(each, other, rest));
}

/**
 * Which of the other bots of a room have no business there beside this one: all but those that it
 * relieves or that relieve it, be it with others in between, those that were found dead, and those
 * that only finish something. Two that relieve the same one are rivals.
 *
 * Is the same from either side, but for the dead: they do not know it.
 */
export function botRivals(me: RoomBot, others: readonly RoomBot[]): readonly RoomBot[] {
  if (hasYielded(me)) return [];
  const bots = [me, ...others];
  return others.filter(
    (other) =>
      !hasYielded(other) &&
      !outlives(me, other) &&
      !succeeds(me, other, bots) &&
      !succeeds(other, me, bots),
  );
}
