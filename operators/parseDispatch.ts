import { isJsonObject, readJsonObject } from './readJsonObject.js';
import type { Attributes } from './types.js';

/** What a dispatch's metadata says. */
export interface DispatchMetadata {
  /** First settings of transcription, as the attributes that would ask for them. */
  readonly stt: Attributes;
  /** Why the metadata was ignored. */
  readonly problem: string | undefined;
}

const NOTHING: DispatchMetadata = { stt: {}, problem: undefined };
const IGNORED: DispatchMetadata = { stt: {}, problem: 'dispatch metadata is no JSON object' };

/**
 * Reads the metadata of a dispatch: `{"stt":{"enabled":true,"language":"en","command_id":"…"}}`.
 * Anything else in it is ignored; what is no JSON object is a problem in words. Never throws.
 *
 * @see contract, "Dispatch".
 */
export function parseDispatch(metadata: string): DispatchMetadata {
  if (metadata.trim() === '') return NOTHING;
  const dispatch = readJsonObject(metadata);
  if (dispatch === undefined) return IGNORED;
  const { stt } = dispatch;
  if (!isJsonObject(stt)) return NOTHING;
  const text = (value: unknown) =>
    typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
  const id = text(stt.command_id);
  return {
    stt: {
      'stt.enabled': text(stt.enabled),
      'stt.language': text(stt.language),
      // Left out where it is missing: it would go before one that is set on the bot by itself.
      ...(id !== '' && { 'stt.command_id': id }),
    },
    problem: undefined,
  };
}
