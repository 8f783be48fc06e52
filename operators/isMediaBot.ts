import type { Attributes } from './types.js';

/** What tells a media bot from others. */
export interface BotTraits {
  readonly identity: string;
  /** Whether the participant's kind is AGENT: anybody may take any name. */
  readonly isAgent: boolean;
  readonly attributes: Attributes;
}

/**
 * Whether a participant is a media bot: an agent of the given agent name, or one with the name
 * `media-bot-…` that every media bot joins under.
 */
export function isMediaBot(
  { identity, isAgent, attributes }: BotTraits,
  agentName: string,
): boolean {
  const named = attributes['lk.agent_name'] === agentName || identity.startsWith('media-bot-');
  return isAgent && named;
}
