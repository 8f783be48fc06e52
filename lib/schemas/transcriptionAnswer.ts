import { z } from 'zod';
import { answeredId, errorText, otherAttributes } from './attributeValues.js';
import { provider } from './provider.js';

const running = z
  .object({
    'stt.status': z.literal('running'),
    'stt.status_command_id': answeredId,
    'stt.provider': provider.describe('Who serves the language.'),
  })
  .catchall(otherAttributes);

const stopped = z
  .object({ 'stt.status': z.literal('stopped'), 'stt.status_command_id': answeredId })
  .catchall(otherAttributes);

const failed = z
  .object({
    'stt.status': z.literal('failed').describe('The command is malformed, and changes nothing.'),
    'stt.status_command_id': answeredId,
    'stt.error': errorText(['invalid_command']),
  })
  .catchall(otherAttributes);

/** What the bot writes on its own participant. */
export const transcriptionAnswer = z
  .union([running, stopped, failed])
  .describe("The answer to a command of transcription: attributes of the bot's own participant.");
