import { fnv1a } from './fnv1a.js';
import type { Attributes, Command, OnEnd } from './types.js';

/** In characters: the attribute contract's limit. */
const MAX_COMMAND_ID_LENGTH = 128;

/** What the ids begin with that stand for a missing `media.command_id`. */
export const AUTO_ID_PREFIX = 'auto:';

const LOOPS: Readonly<Record<string, boolean>> = { '': false, false: false, true: true };
const ON_ENDS: Readonly<Record<string, OnEnd>> = { '': 'close', close: 'close', keep: 'keep' };

/**
 * What a target's whole attribute map asks for.
 *
 * - Any map is a command. One without `media.command` is a `stop` that was `deleted`, the map of
 *   somebody who was never commanded included: `distinctByCommandId` knows whether there is
 *   anything to take away.
 * - A missing attribute equals an empty one, because an empty string deletes a LiveKit attribute.
 * - Without `media.command_id` the id is `auto:` and a hash of command, url and loop.
 * - Never throws: what cannot be understood is an `InvalidCommand` with the reason in words.
 *
 * @see contract, "Playback: attributes on the participant who is to hear it".
 */
export function parseCommand(attributes: Attributes): Command {
  const verb = attributes['media.command'] ?? '';
  const id = commandId(attributes);
  if (id.length > MAX_COMMAND_ID_LENGTH) return invalidId(id);
  if (verb === 'play') return parsePlay(id, attributes);
  if (verb === 'stop' || verb === '') return { verb: 'stop', id, deleted: verb === '' };
  return { verb: 'invalid', id, reason: `media.command is neither play nor stop: ${verb}` };
}

function parsePlay(id: string, attributes: Attributes): Command {
  const url = attributes['media.asset_url'] ?? '';
  const loop = lookUp(LOOPS, attributes['media.loop']);
  const onEnd = lookUp(ON_ENDS, attributes['media.on_end']);
  if (url === '') return { verb: 'invalid', id, reason: 'media.asset_url is missing' };
  if (loop === undefined) {
    return { verb: 'invalid', id, reason: 'media.loop is neither true nor false' };
  }
  if (onEnd === undefined) {
    return { verb: 'invalid', id, reason: 'media.on_end is neither close nor keep' };
  }
  return { verb: 'play', id, url, loop, onEnd };
}

/** The answer names the id it can name: the first characters of one that is too long. */
function invalidId(id: string): Command {
  const reason = `media.command_id is longer than ${MAX_COMMAND_ID_LENGTH} characters`;
  return { verb: 'invalid', id: id.slice(0, MAX_COMMAND_ID_LENGTH), reason };
}

function commandId(attributes: Attributes): string {
  const { 'media.command': verb = '', 'media.asset_url': url = '' } = attributes;
  const { 'media.command_id': id = '', 'media.loop': loop = '' } = attributes;
  const parts = [verb, url, loop === '' ? 'false' : loop];
  return id !== '' ? id : AUTO_ID_PREFIX + fnv1a(parts.join('\n'));
}

/** Own keys only: `media.loop` may well say `constructor`. */
function lookUp<T>(table: Readonly<Record<string, T>>, key = ''): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
