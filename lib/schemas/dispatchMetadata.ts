import { z } from 'zod';

/** What a Call Service may say as it dispatches the bot. */
export const dispatchMetadata = z
  .looseObject({
    stt: z
      .looseObject({
        enabled: z.boolean().optional().describe('Whether people are transcribed from the start.'),
        language: z.string().optional().describe('BCP 47 tag. Missing: to be detected.'),
        command_id: z
          .string()
          .max(128)
          .optional()
          .describe('Under which it is answered. Missing: `auto:` and a hash of the other two.'),
      })
      .optional()
      .describe('What transcription begins with, until stt.enabled is set on the bot.'),
  })
  .describe('The metadata of a dispatch, as JSON. Anything else in it is ignored.');
