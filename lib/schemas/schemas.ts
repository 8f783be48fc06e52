import { z } from 'zod';
import { dispatchMetadata } from './dispatchMetadata.js';
import { playbackAnswer } from './playbackAnswer.js';
import { playbackCommand } from './playbackCommand.js';
import { transcript } from './transcript.js';
import { transcriptionAnswer } from './transcriptionAnswer.js';
import { transcriptionCommand } from './transcriptionCommand.js';

const SCHEMAS = {
  'dispatch-metadata': dispatchMetadata,
  'playback-answer': playbackAnswer,
  'playback-command': playbackCommand,
  transcript,
  'transcription-answer': transcriptionAnswer,
  'transcription-command': transcriptionCommand,
};

/** Parts of the contract that have a schema. */
export type SchemaName = keyof typeof SCHEMAS;

/** The contract as JSON Schemas, draft 2020-12, by the name of the file without `.json`. */
export const schemas: Readonly<Record<SchemaName, object>> = Object.fromEntries(
  Object.entries(SCHEMAS).map(([name, schema]) => [name, z.toJSONSchema(schema)]),
) as Record<SchemaName, object>;
