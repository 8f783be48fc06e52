import { z } from 'zod';
import { commandId, flagText, otherAttributes } from './attributeValues.js';

const ABSENT = z.literal('').describe('Deletes the key.');

/** What a Call Service writes on the bot's own participant, all keys in one call. */
export const transcriptionCommand = z
  .object({
    'stt.enabled': flagText.or(ABSENT).optional().describe('Deleted means false.'),
    'stt.language': z
      .string()
      .optional()
      .describe('BCP 47 tag, such as en-GB. Missing: to be detected.'),
    'stt.command_id': commandId.optional(),
  })
  .catchall(otherAttributes)
  .describe("A command of transcription: attributes of the bot's own participant.");
