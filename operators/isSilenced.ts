import type { Attributes } from './types.js';

/**
 * Whether a bot has taken all subscriptions from a target, and not given them back: it says so, or
 * the target is held and may subscribe to nothing, for any later answer deletes what it said.
 *
 * @param canSubscribe the target's permission, where it is known.
 */
export function isSilenced(attributes: Attributes, canSubscribe: boolean | undefined): boolean {
  const { 'media.error': error = '', 'media.held': held } = attributes;
  return error.startsWith('isolation_failed') || (held === 'true' && canSubscribe === false);
}
