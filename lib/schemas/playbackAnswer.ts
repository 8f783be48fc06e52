import { z } from 'zod';
import { answeredId, errorText, flagText, otherAttributes } from './attributeValues.js';

const held = flagText
  .optional()
  .describe('true from when LiveKit has accepted the isolation to when it has accepted its end.');

const failed = z
  .object({
    'media.status': z.literal('failed'),
    'media.status_command_id': answeredId,
    'media.error': errorText(),
    'media.held': held,
  })
  .catchall(otherAttributes);

const obeyed = z
  .object({
    'media.status': z
      .enum(['playing', 'stopped', 'ended'])
      .describe('playing, then stopped, or ended where it has drained by itself.'),
    'media.status_command_id': answeredId,
    'media.error': errorText(['isolation_failed', 'room_kept']).optional(),
    'media.held': held,
  })
  .catchall(otherAttributes);

/** What the bot writes on the participant who was commanded. */
export const playbackAnswer = z
  .union([obeyed, failed])
  .describe('The answer to a command of playback: attributes of the same participant.');
