import { z } from 'zod';
import { provider } from './provider.js';

const share = z.number().min(0).max(1);
const epochMs = z.int().nonnegative();

const sentiment = z
  .strictObject({
    compound: z.number().min(-1).max(1),
    pos: share,
    neu: share,
    neg: share,
    label: z
      .enum(['positive', 'negative', 'neutral', 'unknown'])
      .describe('positive from a compound of 0.05 on, negative from -0.05 down.'),
    supported: z.boolean().describe('VADER knows English alone: else false, and label is unknown.'),
  })
  .describe("VADER's scores.");

/** The data packet of a final utterance, topic `transcript`. */
export const transcript = z
  .strictObject({
    type: z.literal('FINAL_TRANSCRIPT'),
    version: z.literal(1),
    id: z.uuid().describe("The utterance's, and that of its text stream's segment."),
    session: z.string().min(1).describe("The participant SID of the bot's stay in the room."),
    seq: z.int().nonnegative().describe('Counts up by one per session.'),
    room: z.string().min(1),
    command_id: z.string().describe('stt.command_id in force when it began to be said.'),
    participant: z
      .strictObject({
        identity: z.string().min(1),
        name: z.string(),
        kind: z.string().min(1).describe('As LiveKit names it, such as SIP.'),
      })
      .describe('Who has said it.'),
    track_sid: z.string(),
    held: z.boolean().describe('Whether who has said it was on hold as it was sent.'),
    text: z.string().min(1),
    language: z.string().nullable().describe('Of the text: a BCP 47 tag.'),
    provider: provider.describe('Who has made the text: where one failed, the fallback.'),
    model: z.string().min(1),
    confidence: share.nullable(),
    start_ms: epochMs.describe('When the speech began, in milliseconds since 1970 (UTC).'),
    end_ms: epochMs.describe('When it ended.'),
    sentiment,
  })
  .describe('A final utterance: a reliable data packet with the topic transcript.');
