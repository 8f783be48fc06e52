import { fnv1a } from './fnv1a.js';
import { isLanguageTag } from './isLanguageTag.js';
import { AUTO_ID_PREFIX } from './parseCommand.js';
import type { Attributes, LanguageTag } from './types.js';

/** In characters: the attribute contract's limit. */
const MAX_COMMAND_ID_LENGTH = 128;

/** What the bot's own attributes ask of transcription. */
export type SttCommand =
  | {
      readonly verb: 'start';
      readonly id: string;
      /** `undefined`: to be detected. */
      readonly language: LanguageTag | undefined;
    }
  | { readonly verb: 'stop'; readonly id: string }
  /** What is going on goes on. */
  | { readonly verb: 'invalid'; readonly id: string; readonly reason: string };

/**
 * What the bot's whole attribute map asks of transcription; a missing attribute equals an empty
 * one. Without `stt.command_id` the id is `auto:` and a hash of the other two. Never throws.
 *
 * @see contract, "Transcription: attributes on the bot's own participant".
 */
export function parseSttCommand(attributes: Attributes): SttCommand {
  const { 'stt.enabled': enabled = '', 'stt.language': language = '' } = attributes;
  const given = attributes['stt.command_id'] ?? '';
  const id = given === '' ? AUTO_ID_PREFIX + fnv1a(`${enabled}\n${language}`) : given;
  if (id.length > MAX_COMMAND_ID_LENGTH) {
    const reason = `stt.command_id is longer than ${MAX_COMMAND_ID_LENGTH} characters`;
    return { verb: 'invalid', id: id.slice(0, MAX_COMMAND_ID_LENGTH), reason };
  }
  if (enabled === '' || enabled === 'false') return { verb: 'stop', id };
  if (enabled !== 'true')
    return { verb: 'invalid', id, reason: 'stt.enabled is neither true nor false' };
  if (language === '') return { verb: 'start', id, language: undefined };
  if (!isLanguageTag(language))
    return { verb: 'invalid', id, reason: 'stt.language is no BCP 47 tag' };
  return { verb: 'start', id, language };
}
