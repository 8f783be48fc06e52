import { z } from 'zod';
import { commandId, flagText, otherAttributes } from './attributeValues.js';

const ABSENT = z.literal('').describe('Deletes the key.');

const play = z
  .object({
    'media.command': z.literal('play'),
    'media.asset_url': z
      .string()
      .regex(/^https?:\/\/./)
      .describe('Address of an MP3: HTTPS, or of an origin in MEDIA_BOT_ASSET_ORIGINS.'),
    'media.loop': flagText
      .or(ABSENT)
      .optional()
      .describe('true: hold music, and the target is on hold. Missing: false.'),
    'media.command_id': commandId.optional(),
    'media.on_end': z
      .enum(['close', 'keep'])
      .or(ABSENT)
      .optional()
      .describe('What happens to the room when a single shot has drained. Missing: close.'),
  })
  .catchall(otherAttributes);

const stop = z
  .object({
    'media.command': z.literal('stop').or(ABSENT).optional().describe('Deleted means stop.'),
    'media.command_id': commandId.optional(),
  })
  .catchall(otherAttributes);

/** What a Call Service writes on the participant who is to hear it, all keys in one call. */
export const playbackCommand = z
  .union([play, stop])
  .describe('A command of playback: attributes of the participant who is to hear it.');
