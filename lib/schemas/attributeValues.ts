import { z } from 'zod';
import type { MediaErrorCode } from '../../operators/mediaError.js';

/** What the values of attributes have in common. All of them are text. */

const MAX_ID_LENGTH = 128;

const ERROR_CODES = [
  'invalid_command',
  'forbidden',
  'asset_refused',
  'asset_unreachable',
  'asset_too_large',
  'asset_undecodable',
  'isolation_failed',
  'room_kept',
  'bot_gone',
] as const satisfies readonly MediaErrorCode[];

/** Of a command. */
export const commandId = z
  .string()
  .max(MAX_ID_LENGTH)
  .describe('Any text, best a UUID. An id is never executed twice in a row.');

/** Of an answer. */
export const answeredId = z
  .string()
  .min(1)
  .max(MAX_ID_LENGTH)
  .describe('The command that is answered; auto: and a hash for one without an id.');

/** `code: text`, with one of these codes. */
export const errorText = (codes: readonly MediaErrorCode[] = ERROR_CODES) =>
  z
    .string()
    .regex(new RegExp(`^(${codes.join('|')}): .+`))
    .describe('A code, a colon and a text for people.');

/** `true` or `false`, as text. */
export const flagText = z.enum(['true', 'false']);

/** A participant has attributes of others, too. */
export const otherAttributes = z.string();
